/* The pool behind densefit_team_run.
 *
 * a. Workers sleep on a condition variable between jobs; within a job a member that waits at a
 *    barrier spins briefly, then sleeps, so that a busy neighbour is never slowed by our waiting.
 *    Workers wait for the next job in the same way, because segments of a training follow closely.
 * b. One job at a time: a second caller runs alone, which gives the same bits.
 * c. After fork() the child has no workers and perhaps locks held by threads it has not: a handler
 *    gives it a fresh pool.
 */
#if !defined(_WIN32)
#define _GNU_SOURCE
#endif

#include "threads.h"

#include <stddef.h>

enum { MAX_MEMBERS = 64, SPINS = 2000 };

#if defined(_WIN32)

#include <windows.h>

typedef SRWLOCK lock_t;
typedef CONDITION_VARIABLE signal_t;
typedef volatile LONG counter_t;
#define LOCK_INIT SRWLOCK_INIT
#define SIGNAL_INIT CONDITION_VARIABLE_INIT
static void lock(lock_t *l) { AcquireSRWLockExclusive(l); }
static int try_lock(lock_t *l) { return TryAcquireSRWLockExclusive(l); }
static void unlock(lock_t *l) { ReleaseSRWLockExclusive(l); }
static void wait_for(signal_t *s, lock_t *l) { SleepConditionVariableSRW(s, l, INFINITE, 0); }
static void wake_all(signal_t *s) { WakeAllConditionVariable(s); }
static long add_to_counter(counter_t *c, long d) { return InterlockedExchangeAdd(c, d) + d; }
static long read_counter(counter_t *c) { return InterlockedCompareExchange(c, 0, 0); }
static void set_counter(counter_t *c, long value) { InterlockedExchange(c, value); }
static void pause_briefly(void) { YieldProcessor(); }
double densefit_now(void) {
    LARGE_INTEGER count, rate;
    QueryPerformanceFrequency(&rate);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)rate.QuadPart;
}

static void worker(int member);
static DWORD WINAPI start(LPVOID argument) {
    worker((int)(intptr_t)argument);
    return 0;
}
static int start_thread(int member) {
    HANDLE thread = CreateThread(NULL, 0, start, (LPVOID)(intptr_t)member, 0, NULL);
    if (thread == NULL) return 0;
    CloseHandle(thread);
    return 1;
}
int densefit_processors(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return (int)info.dwNumberOfProcessors;
}

#else

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

typedef pthread_mutex_t lock_t;
typedef pthread_cond_t signal_t;
typedef atomic_long counter_t;
#define LOCK_INIT PTHREAD_MUTEX_INITIALIZER
#define SIGNAL_INIT PTHREAD_COND_INITIALIZER
static void lock(lock_t *l) { pthread_mutex_lock(l); }
static int try_lock(lock_t *l) { return pthread_mutex_trylock(l) == 0; }
static void unlock(lock_t *l) { pthread_mutex_unlock(l); }
static void wait_for(signal_t *s, lock_t *l) { pthread_cond_wait(s, l); }
static void wake_all(signal_t *s) { pthread_cond_broadcast(s); }
static long add_to_counter(counter_t *c, long d) { return atomic_fetch_add(c, d) + d; }
static long read_counter(counter_t *c) { return atomic_load(c); }
static void set_counter(counter_t *c, long value) { atomic_store(c, value); }
static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

double densefit_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void worker(int member);
static void *start(void *argument) {
    worker((int)(intptr_t)argument);
    return NULL;
}
/* The interpreter's main thread handles the signals, so the workers block them all. */
static int start_thread(int member) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, start, (void *)(intptr_t)member);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return 0;
    pthread_detach(thread);
    return 1;
}
int densefit_processors(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (int)n;
}

#endif

/* A barrier counts arrivals; the last one starts the next generation and wakes who sleeps. */
struct densefit_team {
    int size;
    counter_t arrived, generation, sleepers, claimed;
};

static struct {
    lock_t busy;        /* held by the caller whose job is running */
    lock_t lock;        /* guards what follows */
    signal_t job, done; /* a job for the workers; a worker has ended; a generation has begun */
    int workers;        /* started, members 1 … workers */
    counter_t number;   /* of the current job */
    counter_t running;  /* workers still in it */
    int size;           /* its members */
    densefit_member function;
    void *argument;
    densefit_team team;
} pool = {.busy = LOCK_INIT, .lock = LOCK_INIT, .job = SIGNAL_INIT, .done = SIGNAL_INIT};

int densefit_team_size(const densefit_team *team) { return team->size; }

/* Spins while the counter keeps a value, but not for long. */
static void watch(counter_t *counter, long value) {
    for (int spin = 0; spin < SPINS && read_counter(counter) == value; spin++) pause_briefly();
}

static void sleep_until_generation(densefit_team *team, long generation) {
    lock(&pool.lock);
    add_to_counter(&team->sleepers, 1);
    while (read_counter(&team->generation) == generation) wait_for(&pool.done, &pool.lock);
    add_to_counter(&team->sleepers, -1);
    unlock(&pool.lock);
}

void densefit_barrier(densefit_team *team) {
    if (team->size == 1) return;
    long generation = read_counter(&team->generation);
    if (add_to_counter(&team->arrived, 1) == team->size) {
        set_counter(&team->arrived, 0);
        add_to_counter(&team->generation, 1);
        if (read_counter(&team->sleepers) == 0) return;
        lock(&pool.lock);
        wake_all(&pool.done);
        unlock(&pool.lock);
        return;
    }
    watch(&team->generation, generation);
    if (read_counter(&team->generation) == generation) sleep_until_generation(team, generation);
}

int64_t densefit_claim(densefit_team *team) {
    return (int64_t)add_to_counter(&team->claimed, 1) - 1;
}

static void worker(int member) {
    long seen = 0;
    lock(&pool.lock);
    for (;;) {
        while (read_counter(&pool.number) == seen || member >= pool.size) {
            seen = read_counter(&pool.number);
            wait_for(&pool.job, &pool.lock);
        }
        seen = read_counter(&pool.number);
        densefit_member function = pool.function;
        void *argument = pool.argument;
        unlock(&pool.lock);
        function(&pool.team, member, argument);
        if (add_to_counter(&pool.running, -1) == 0) {
            lock(&pool.lock);
            wake_all(&pool.done);
            unlock(&pool.lock);
        }
        watch(&pool.number, seen);
        lock(&pool.lock);
    }
}

static void run_alone(densefit_member function, void *argument) {
    densefit_team alone = {.size = 1};
    function(&alone, 0, argument);
}

static int hire(int n) {
    while (pool.workers + 1 < n && start_thread(pool.workers + 1)) pool.workers++;
    return pool.workers + 1 < n ? pool.workers + 1 : n;
}

void densefit_team_run(int n, densefit_member function, void *argument) {
    if (n > MAX_MEMBERS) n = MAX_MEMBERS;
    if (n <= 1) {
        run_alone(function, argument);
        return;
    }
    if (!try_lock(&pool.busy)) {
        run_alone(function, argument);
        return;
    }
    lock(&pool.lock);
    n = hire(n);
    pool.size = n;
    set_counter(&pool.running, n - 1);
    pool.function = function;
    pool.argument = argument;
    pool.team.size = n;
    set_counter(&pool.team.arrived, 0);
    set_counter(&pool.team.sleepers, 0);
    set_counter(&pool.team.claimed, 0);
    add_to_counter(&pool.number, 1);
    wake_all(&pool.job);
    unlock(&pool.lock);
    function(&pool.team, 0, argument);
    for (int spin = 0; spin < SPINS && read_counter(&pool.running) > 0; spin++) pause_briefly();
    lock(&pool.lock);
    while (read_counter(&pool.running) > 0) wait_for(&pool.done, &pool.lock);
    unlock(&pool.lock);
    unlock(&pool.busy);
}

#if defined(_WIN32)
void densefit_threads_init(void) {}
#else
static void start_afresh(void) {
    static const lock_t fresh_lock = LOCK_INIT;
    static const signal_t fresh_signal = SIGNAL_INIT;
    pool.busy = fresh_lock;
    pool.lock = fresh_lock;
    pool.job = fresh_signal;
    pool.done = fresh_signal;
    pool.workers = 0;
}

void densefit_threads_init(void) { pthread_atfork(NULL, NULL, start_afresh); }
#endif
