/* The limits of the machine: `limits THREADS SECONDS` prints, as JSON, the floating-point
   operations per second of fused multiply-adds that never leave the registers, and the bytes per
   second that THREADS threads together read from an array no cache holds.

   Compiled with -march=native; the widest vectors the compiler knows of are taken. Twelve chains
   hide the latency of an fma (at most 5 cycles at 2 per cycle) and fit 16 registers. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define CHAINS 12
#define MAX_THREADS 256
#define ARRAY_BYTES (128u << 20)

typedef float vec __attribute__((vector_size(WIDTH * 4)));

typedef struct {
    double seconds, operations, bytes;
    const float *array;
    size_t begin, end;
    float sink;
} job;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Contraction into fma is the compiler's doing (-ffp-contract=fast); the empty asm keeps it from
   knowing the values, and so from computing anything in advance. */
#define EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define DECLARE(i) vec c##i = {(float)i};
#define FMA(i) c##i = c##i * factor + term;
#define ADD(i) sum += c##i;
#if defined(__x86_64__)
#define HIDE(v) __asm__ volatile("" : "+x"(v))
#else
#define HIDE(v) __asm__ volatile("" : "+w"(v))
#endif

static void *multiply_add(void *argument) {
    job *j = argument;
    vec factor, term, sum = {0};
    for (int i = 0; i < WIDTH; i++) factor[i] = 0.999f, term[i] = 0.001f;
    HIDE(factor);
    HIDE(term);
    EACH(DECLARE)
    double start = now(), count = 0;
    do {
        for (int r = 0; r < 20000; r++) {
            EACH(FMA)
            HIDE(c0);
        }
        count += 20000;
    } while (now() - start < j->seconds);
    j->operations = count * CHAINS * WIDTH * 2 / (now() - start);
    EACH(ADD)
    j->sink = sum[0];
    return NULL;
}

static void *read_array(void *argument) {
    job *j = argument;
    vec s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, v[4];
    double start = now(), count = 0;
    do {
        for (size_t i = j->begin; i + 4 * WIDTH <= j->end; i += 4 * WIDTH) {
            memcpy(v, j->array + i, sizeof v);
            s0 += v[0], s1 += v[1], s2 += v[2], s3 += v[3];
        }
        HIDE(s0);
        count += (double)(j->end - j->begin) * 4;
    } while (now() - start < j->seconds);
    j->bytes = count / (now() - start);
    j->sink = (s0 + s1 + s2 + s3)[0];
    return NULL;
}

static int together(void *(*work)(void *), job *jobs, int n) {
    pthread_t threads[MAX_THREADS];
    for (int i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, work, &jobs[i])) return 0;
    for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
    return 1;
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 1;
    double seconds = argc > 2 ? atof(argv[2]) : 0.1, operations = 0, bytes = 0;
    static job jobs[MAX_THREADS];
    if (n < 1 || n > MAX_THREADS) return 2;
    float *array = malloc(ARRAY_BYTES);
    if (!array) return 1;
    for (size_t i = 0; i < ARRAY_BYTES / 4; i++) array[i] = 1.0f;
    size_t part = ARRAY_BYTES / 4 / (size_t)n;
    for (int i = 0; i < n; i++)
        jobs[i] = (job){.seconds = seconds,
                        .array = array,
                        .begin = part * (size_t)i,
                        .end = part * (size_t)(i + 1)};
    if (!together(multiply_add, jobs, n) || !together(read_array, jobs, n)) return 1;
    for (int i = 0; i < n; i++) operations += jobs[i].operations, bytes += jobs[i].bytes;
    printf("{\"operations\": %.6g, \"bytes\": %.6g, \"width\": %d}\n", operations, bytes, WIDTH);
    return 0;
}
