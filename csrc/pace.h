/* How many threads the next segment of a training gets: measured, not guessed.
 *
 * On a busy machine, or a small network, a team is slower than one thread. So a training runs in
 * segments: both ways are timed, the faster goes on, and the other is tried again, at first soon,
 * then ever more seldom as long as it keeps losing. Results do not depend on it.
 */
#ifndef DENSEFIT_PACE_H
#define DENSEFIT_PACE_H

#include <stdint.h>

/* Segments until the other way is tried again: at first, where steps are long, and at most. */
enum { PACE_FIRST_STAY = 1, PACE_LONG_STAY = 8, PACE_LONGEST_STAY = 32 };
/* Steps of a trial at most, and those before it that are not timed: threads wake up, caches fill.
 */
enum { PACE_TRIAL_STEPS = 16, PACE_SETTLING_STEPS = 2 };
#define PACE_SEGMENT_SECONDS 3e-3
#define PACE_TRIAL_SECONDS 1e-3
/* From here on a step is long: a team pays unless its processors are busy, and a single step is
 * trial enough. */
#define PACE_LONG_STEP 1e-3

typedef struct pace {
    int threads;        /* of a team */
    int adaptive;       /* else always the team */
    int alone;          /* the way of now: 1 with one thread, 0 with the team */
    int settling;       /* the segment of now is not timed */
    int trial;          /* the segment of now, or the next after settling, decides */
    int stay, left;     /* segments until the next trial: agreed, and left of them */
    double step;        /* seconds of a step of the last segment */
    double per_step[2]; /* seconds: as a team, alone; 0 if never timed */
} pace;

/* Goes on with what earlier calls measured, unless they were of another kind. */
static inline void pace_resume(pace *p, int threads, int adaptive) {
    if (p->threads == threads && p->adaptive == adaptive) return;
    *p = (pace){.threads = threads, .adaptive = adaptive, .settling = 1, .trial = 1};
}

static inline int pace_measures(const pace *p) { return p->threads > 1 && p->adaptive; }

static inline int64_t pace_fitting(double seconds, double step) {
    double steps = seconds / (step + 1e-9);
    return steps < 1 ? 1 : (int64_t)steps;
}

/* Steps of the next segment, of those that are left. */
static inline int64_t pace_steps(const pace *p, int64_t left) {
    int64_t steps = left;
    if (pace_measures(p)) {
        if (p->settling)
            steps = PACE_SETTLING_STEPS;
        else if (p->trial && (steps = pace_fitting(PACE_TRIAL_SECONDS, p->step)) > PACE_TRIAL_STEPS)
            steps = PACE_TRIAL_STEPS;
        else if (!p->trial)
            steps = pace_fitting(PACE_SEGMENT_SECONDS, p->per_step[p->alone]);
    }
    return steps < left ? steps : left;
}

static inline void pace_change(pace *p) {
    p->alone = !p->alone;
    p->settling = p->step < PACE_LONG_STEP;
}

static inline void pace_stay(pace *p, int segments) {
    p->stay = p->left = segments < PACE_LONGEST_STAY ? segments : PACE_LONGEST_STAY;
    p->trial = 0;
}

/* A trial is over: the faster way goes on. */
static inline void pace_decide(pace *p) {
    double now = p->per_step[p->alone], other = p->per_step[!p->alone];
    if (other == 0 && now < PACE_LONG_STEP) {
        pace_change(p); /* its first trial follows at once */
    } else if (other == 0) {
        pace_stay(p, PACE_LONG_STAY);
    } else if (now < other) {
        pace_stay(p, PACE_FIRST_STAY);
    } else {
        pace_stay(p, p->stay < PACE_FIRST_STAY ? PACE_FIRST_STAY : 2 * p->stay);
        pace_change(p);
    }
}

static inline void pace_note(pace *p, int64_t steps, double seconds) {
    if (!pace_measures(p)) return;
    p->step = seconds / (double)steps + 1e-9;
    if (p->settling) {
        p->settling = 0;
        return;
    }
    double *mean = &p->per_step[p->alone];
    *mean = p->trial ? p->step : 0.5 * (*mean + p->step);
    if (p->trial) {
        pace_decide(p);
    } else if (--p->left == 0) {
        p->trial = 1;
        pace_change(p);
    }
}

#endif
