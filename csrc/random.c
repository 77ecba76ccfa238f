#include "random.h"

#define REAL_BITS 64
#define FN(name) name##_f64
#include "vec_generic.h"
#include "math_impl.h"

/* The quantile of 0 is infinite; half a step of the grid stands for it. */
#define LEAST_DEVIATE 0x1p-54

void densefit_random_bits(uint64_t seed, const uint32_t counter[4], uint32_t out[4]) {
    for (int i = 0; i < 4; i++) out[i] = counter[i];
    philox4x32(out, seed);
}

/* Two words as a number in [0, 1). */
static double unit_deviate(const uint32_t *words) {
    return (double)(((uint64_t)words[0] << 32 | words[1]) >> 11) * 0x1p-53;
}

void densefit_random_uniform(uint64_t seed, uint32_t stream, int64_t first, int64_t n,
                             double *out) {
    for (int64_t i = 0; i < n; i += 2) {
        uint64_t block = (uint64_t)(first + i) / 2;
        uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), stream, RANDOM_PARAMETERS};
        philox4x32(c, seed);
        for (int half = 0; half < 2 && i + half < n; half++)
            out[i + half] = unit_deviate(c + 2 * (int64_t)half);
    }
}

static double horner(const double *c, int terms, double t) {
    double p = c[0];
    for (int i = 1; i < terms; i++) p = fma(p, t, c[i]);
    return p;
}

/* Wichura's algorithm AS 241 (Applied Statistics 37, 1988), PPND16: Φ⁻¹ to about 1e-16. */
static double normal_quantile(double u) {
    static const double a[] = {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
                               45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                               133.14166789178437745, 3.387132872796366608};
    static const double b[] = {
        5226.495278852545925,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
        5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1.0};
    static const double c[] = {7.7454501427834140764e-4, .0227238449892691845833,
                               .24178072517745061177,    1.27045825245236838258,
                               3.64784832476320460504,   5.7694972214606914055,
                               4.6303378461565452959,    1.42343711074968357734};
    static const double d[] = {1.05075007164441684324e-9, 5.475938084995344946e-4,
                               .0151986665636164571966,   .14810397642748007459,
                               .68976733498510000455,     1.6763848301838038494,
                               2.05319162663775882187,    1.0};
    static const double e[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
                               .0012426609473880784386,   .026532189526576123093,
                               .29656057182850489123,     1.7848265399172913358,
                               5.4637849111641143699,     6.6579046435011037772};
    static const double f[] = {2.04426310338993978564e-15, 1.4215117583164458887e-7,
                               1.8463183175100546818e-5,   7.868691311456132591e-4,
                               .0148753612908506148525,    .13692988092273580531,
                               .59983220655588793769,      1.0};
    double q = u - 0.5;
    if (fabs(q) <= 0.425) {
        double r = fma(-q, q, 0.180625);
        return q * horner(a, 8, r) / horner(b, 8, r);
    }
    double r = sqrt(-v_log_f64(q < 0 ? u : 1 - u));
    double x = r <= 5 ? horner(c, 8, r - 1.6) / horner(d, 8, r - 1.6)
                      : horner(e, 8, r - 5) / horner(f, 8, r - 5);
    return q < 0 ? -x : x;
}

void densefit_random_normal(uint64_t seed, uint32_t stream, double low, double high, int64_t first,
                            int64_t n, double *out) {
    densefit_random_uniform(seed, stream, first, n, out);
    for (int64_t i = 0; i < n; i++) {
        double u = out[i] > 0 ? out[i] : LEAST_DEVIATE;
        out[i] = normal_quantile(fma(high - low, u, low));
    }
}

void densefit_random_noise(uint64_t seed, uint32_t block, const uint32_t counter[3], int64_t n,
                           double *out) {
    for (int64_t i = 0; i < n; i += 2) {
        uint32_t c[4] = {block + (uint32_t)(i / 2), counter[0], counter[1], counter[2]};
        philox4x32(c, seed);
        for (int half = 0; half < 2 && i + half < n; half++) {
            double u = unit_deviate(c + 2 * (int64_t)half);
            out[i + half] = normal_quantile(u > 0 ? u : LEAST_DEVIATE);
        }
    }
}

typedef struct word_stream {
    uint64_t seed;
    uint32_t epoch, block, words[4];
    int left;
} word_stream;

static uint32_t next_word(word_stream *s) {
    if (s->left == 0) {
        uint32_t c[4] = {s->block++, 0, s->epoch, RANDOM_SHUFFLE};
        densefit_random_bits(s->seed, c, s->words);
        s->left = 4;
    }
    return s->words[4 - s->left--];
}

/* Uniform in 0 … range - 1: Lemire, "Fast random integer generation in an interval" (2019). */
static uint32_t bounded(word_stream *s, uint32_t range) {
    uint64_t product = (uint64_t)next_word(s) * range;
    if ((uint32_t)product < range) {
        uint32_t floor = (0u - range) % range;
        while ((uint32_t)product < floor) product = (uint64_t)next_word(s) * range;
    }
    return (uint32_t)(product >> 32);
}

void densefit_random_permutation(uint64_t seed, uint32_t epoch, int64_t n, int64_t *out) {
    word_stream stream = {.seed = seed, .epoch = epoch};
    for (int64_t i = 0; i < n; i++) out[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = bounded(&stream, (uint32_t)(i + 1));
        int64_t kept = out[i];
        out[i] = out[j];
        out[j] = kept;
    }
}
