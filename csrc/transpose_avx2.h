/* Square blocks turned over in registers: q[j·t + i] = p[i·s + j]. */
#ifndef DENSEFIT_TRANSPOSE_AVX2_H
#define DENSEFIT_TRANSPOSE_AVX2_H

#include <immintrin.h>
#include <stdint.h>

static inline void transpose_avx2_f32(const float *p, int64_t s, float *q, int64_t t) {
    __m256 r[8], u[8];
    for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(p + i * s);
    for (int i = 0; i < 8; i += 2) {
        u[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        u[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(u[i], u[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(u[i], u[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(u[i + 1], u[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(u[i + 1], u[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(q + i * t, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(q + (i + 4) * t, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}
static inline void transpose_avx2_f64(const double *p, int64_t s, double *q, int64_t t) {
    __m256d r[4], u[4];
    for (int i = 0; i < 4; i++) r[i] = _mm256_loadu_pd(p + i * s);
    for (int i = 0; i < 4; i += 2) {
        u[i] = _mm256_unpacklo_pd(r[i], r[i + 1]);
        u[i + 1] = _mm256_unpackhi_pd(r[i], r[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        _mm256_storeu_pd(q + i * t, _mm256_permute2f128_pd(u[i], u[i + 2], 0x20));
        _mm256_storeu_pd(q + (i + 2) * t, _mm256_permute2f128_pd(u[i], u[i + 2], 0x31));
    }
}

#endif
