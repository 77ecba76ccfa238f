/* A team of threads that runs one function together, and the barrier between its phases. */
#ifndef DENSEFIT_THREADS_H
#define DENSEFIT_THREADS_H

#include <stdint.h>

typedef struct densefit_team densefit_team;

/* What each member runs; member 0 is the caller's thread. */
typedef void (*densefit_member)(densefit_team *team, int member, void *argument);

/* Run `function` on up to `n` members and return when all have ended. It may be run by fewer: when
 * threads cannot be made, or while another caller has the pool; results never depend on it. */
void densefit_team_run(int n, densefit_member function, void *argument);

int densefit_team_size(const densefit_team *team);

/* No member passes before all have arrived. */
void densefit_barrier(densefit_team *team);

/* 0, 1, 2, …: each number goes to one member, so that whoever is free takes the next piece. */
int64_t densefit_claim(densefit_team *team);

/* Seconds of a clock that only goes forward. */
double densefit_now(void);

/* Once, when the module is loaded. */
void densefit_threads_init(void);

/* Processors this process may run on. */
int densefit_processors(void);

#endif
