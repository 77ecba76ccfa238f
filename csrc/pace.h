/* How many threads the next segment of a training gets: measured, not guessed.
 *
 * On a busy machine, or a small network, a team is slower than one thread. So a training runs in
 * segments: both ways are timed, the faster goes on, and the other is tried again, at first soon,
 * then ever more seldom as long as it keeps losing. Results do not depend on it.
 */
#ifndef DENSEFIT_PACE_H
#define DENSEFIT_PACE_H

#include <stdint.h>

/* Steps of a trial, and those before it that are not timed: threads wake up, caches fill. */
enum { PACE_TRIAL_STEPS = 16, PACE_SETTLING_STEPS = 4, PACE_LONGEST_STAY = 32 };
#define PACE_SEGMENT_SECONDS 3e-3

typedef struct pace {
    int threads;        /* of a team */
    int adaptive;       /* else always the team */
    int alone;          /* the way of now: 1 with one thread, 0 with the team */
    int settling;       /* the segment of now is not timed */
    int trial;          /* the segment of now, or the next after settling, decides */
    int stay, left;     /* segments until the next trial: agreed, and left of them */
    double per_step[2]; /* seconds: as a team, alone; 0 if never timed */
} pace;

/* Goes on with what earlier calls measured, unless they were of another kind. */
static inline void pace_resume(pace *p, int threads, int adaptive) {
    if (p->threads == threads && p->adaptive == adaptive) return;
    *p = (pace){
        .threads = threads, .adaptive = adaptive, .settling = 1, .trial = 1, .stay = 1, .left = 1};
}

static inline int pace_measures(const pace *p) { return p->threads > 1 && p->adaptive; }

/* Steps of the next segment, of those that are left. */
static inline int64_t pace_steps(const pace *p, int64_t left) {
    if (!pace_measures(p)) return left;
    int64_t steps = p->settling ? PACE_SETTLING_STEPS : PACE_TRIAL_STEPS;
    if (!p->settling && !p->trial) {
        double fitting = PACE_SEGMENT_SECONDS / p->per_step[p->alone];
        steps = fitting < 1e6 ? (int64_t)fitting + 1 : 1000000;
    }
    return steps < left ? steps : left;
}

static inline void pace_change(pace *p) {
    p->alone = !p->alone;
    p->settling = 1;
}

/* The other way has been tried: it goes on if it was faster. */
static inline void pace_decide(pace *p) {
    int other = !p->alone, first = p->per_step[other] == 0;
    int won = p->per_step[p->alone] < p->per_step[other];
    p->trial = first;
    p->stay = won || first ? 1 : p->stay * 2;
    if (p->stay > PACE_LONGEST_STAY) p->stay = PACE_LONGEST_STAY;
    p->left = p->stay;
    if (!won) pace_change(p); /* back, or on to the way that was never timed */
}

static inline void pace_note(pace *p, int64_t steps, double seconds) {
    if (!pace_measures(p)) return;
    if (p->settling) {
        p->settling = 0;
        return;
    }
    double now = (seconds + 1e-9) / (double)steps, *mean = &p->per_step[p->alone];
    *mean = p->trial || *mean == 0 ? now : 0.5 * (*mean + now);
    if (p->trial) {
        pace_decide(p);
    } else if (--p->left == 0) {
        p->trial = 1;
        pace_change(p);
    }
}

#endif
