/* How many threads the next segment of a training gets: measured, not guessed.
 *
 * On a busy machine, or a small network, a team is slower than one thread. So a training runs in
 * segments of a few milliseconds; both ways are timed, the faster goes on, and now and then the
 * other is tried again. Results do not depend on it.
 */
#ifndef DENSEFIT_PACE_H
#define DENSEFIT_PACE_H

#include <stdint.h>

enum { PACE_FIRST_STEPS = 8, PACE_PROBE = 40 };
#define PACE_SEGMENT_SECONDS 3e-3

typedef struct pace {
    int threads;        /* of a team */
    int adaptive;       /* else always the team */
    int64_t segments;   /* that have run */
    double per_step[2]; /* seconds: alone, as a team */
} pace;

/* Goes on with what earlier calls measured, unless they were of another kind. */
static inline void pace_resume(pace *p, int threads, int adaptive) {
    if (p->threads == threads && p->adaptive == adaptive) return;
    *p = (pace){.threads = threads, .adaptive = adaptive};
}

static inline int pace_uses_team(const pace *p) {
    if (!p->adaptive || p->segments == 0) return 1;
    if (p->segments == 1) return 0;
    int team = p->per_step[1] < p->per_step[0];
    return p->segments % PACE_PROBE == 0 ? !team : team;
}

static inline int64_t pace_steps(const pace *p, int64_t left) {
    if (p->threads == 1 || !p->adaptive) return left;
    int64_t steps = PACE_FIRST_STEPS;
    if (p->segments >= 2) {
        double now = p->per_step[pace_uses_team(p)];
        steps = now < PACE_SEGMENT_SECONDS / 1e6 ? 1000000 : (int64_t)(PACE_SEGMENT_SECONDS / now);
    }
    if (steps < 1) steps = 1;
    return steps < left ? steps : left;
}

static inline void pace_note(pace *p, int team, int64_t steps, double seconds) {
    double now = seconds / (double)steps, *old = &p->per_step[team];
    *old = *old == 0 ? now : 0.5 * (*old + now);
    p->segments++;
}

#endif
