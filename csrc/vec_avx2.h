/* The vector layer for AVX2 with FMA: 8 floats or 4 doubles. The names are told in vec_generic.h.
 */
#include "vec_undef.h"

#ifndef DENSEFIT_VEC_AVX2_H
#define DENSEFIT_VEC_AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "transpose_avx2.h"

/* Lane masks: 8 (or 4) entries from [8 - n] on have their first n lanes set. */
static const int32_t lane_mask_f32[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
static const int64_t lane_mask_f64[8] = {-1, -1, -1, -1, 0, 0, 0, 0};

static inline __m256i mask_f32(int n) {
    return _mm256_loadu_si256((const __m256i *)(const void *)(lane_mask_f32 + 8 - n));
}
static inline __m256i mask_f64(int n) {
    return _mm256_loadu_si256((const __m256i *)(const void *)(lane_mask_f64 + 4 - n));
}
/* A masked store is microcoded on some processors; a copy of a few lanes is not. */
static inline void store_part_f32(float *p, __m256 a, int n) {
    float lanes[8];
    _mm256_storeu_ps(lanes, a);
    memcpy(p, lanes, (size_t)n * sizeof *p);
}
static inline void store_part_f64(double *p, __m256d a, int n) {
    double lanes[4];
    _mm256_storeu_pd(lanes, a);
    memcpy(p, lanes, (size_t)n * sizeof *p);
}
static inline __m256 log_exponent_avx2_f32(__m256 a) {
    __m256i offset = _mm256_sub_epi32(_mm256_castps_si256(a), _mm256_set1_epi32(0x3f3504f3));
    return _mm256_cvtepi32_ps(_mm256_srai_epi32(offset, 23));
}
static inline __m256 log_mantissa_avx2_f32(__m256 a) {
    __m256i root = _mm256_set1_epi32(0x3f3504f3);
    __m256i offset = _mm256_sub_epi32(_mm256_castps_si256(a), root);
    offset = _mm256_and_si256(offset, _mm256_set1_epi32(0x007fffff));
    return _mm256_castsi256_ps(_mm256_add_epi32(offset, root));
}
/* AVX2 has neither a 64-bit arithmetic shift nor a conversion: bias the exponent to be positive,
 * put it under the bits of 2⁵², and subtract. Exact, because |k| < 2⁵². */
static inline __m256d log_exponent_avx2_f64(__m256d a) {
    __m256i offset =
        _mm256_sub_epi64(_mm256_castpd_si256(a), _mm256_set1_epi64x(0x3fe6a09e667f3bcd));
    offset = _mm256_add_epi64(offset, _mm256_set1_epi64x(0x4000000000000000));
    __m256i k = _mm256_or_si256(_mm256_srli_epi64(offset, 52),
                                _mm256_castpd_si256(_mm256_set1_pd(4503599627370496.0)));
    return _mm256_sub_pd(_mm256_castsi256_pd(k), _mm256_set1_pd(4503599627370496.0 + 1024.0));
}
static inline __m256d log_mantissa_avx2_f64(__m256d a) {
    __m256i root = _mm256_set1_epi64x(0x3fe6a09e667f3bcd);
    __m256i offset = _mm256_sub_epi64(_mm256_castpd_si256(a), root);
    offset = _mm256_and_si256(offset, _mm256_set1_epi64x(0x000fffffffffffff));
    return _mm256_castsi256_pd(_mm256_add_epi64(offset, root));
}
#endif

#define TILE_ROWS 6
#define TILE_VECTORS 2
#define PANEL_VECTORS 8

#if REAL_BITS == 32
#define V __m256
#define VLEN 8
#define v_load(p) _mm256_loadu_ps(p)
#define v_store(p, a) _mm256_storeu_ps(p, a)
#define v_load_part(p, n) _mm256_maskload_ps(p, mask_f32(n))
#define v_store_part(p, a, n) store_part_f32(p, a, n)
#define v_set1(s) _mm256_set1_ps((float)(s))
#define v_add(a, b) _mm256_add_ps(a, b)
#define v_sub(a, b) _mm256_sub_ps(a, b)
#define v_mul(a, b) _mm256_mul_ps(a, b)
#define v_div(a, b) _mm256_div_ps(a, b)
#define v_sqrt(a) _mm256_sqrt_ps(a)
#define v_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define v_max(a, b) _mm256_max_ps(a, b)
#define v_abs(a) _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a)
#define v_copysign(a, s)                                     \
    _mm256_or_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a), \
                 _mm256_and_ps(_mm256_set1_ps(-0.0f), s))
#define v_if_greater(a, b, x, y) _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_GT_OQ))
#define v_is_nan(a, x, y) _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, a, _CMP_UNORD_Q))
#define v_exponent_of_magic(t) _mm256_slli_epi32(_mm256_castps_si256(t), 23)
#define v_scale_by_exponent(a, e) _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), e))
#define v_log_exponent(a) log_exponent_avx2_f32(a)
#define v_log_mantissa(a) log_mantissa_avx2_f32(a)
#define v_nonzero_bits(a) \
    (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_NEQ_UQ))
#define TRANSPOSED 8
#define v_transpose(p, s, q, t) transpose_avx2_f32(p, s, q, t)
#define v_flush(a, tiny) _mm256_and_ps(a, _mm256_cmp_ps(v_abs(a), tiny, _CMP_NLT_UQ))
#else
#define V __m256d
#define VLEN 4
#define v_load(p) _mm256_loadu_pd(p)
#define v_store(p, a) _mm256_storeu_pd(p, a)
#define v_load_part(p, n) _mm256_maskload_pd(p, mask_f64(n))
#define v_store_part(p, a, n) store_part_f64(p, a, n)
#define v_set1(s) _mm256_set1_pd((double)(s))
#define v_add(a, b) _mm256_add_pd(a, b)
#define v_sub(a, b) _mm256_sub_pd(a, b)
#define v_mul(a, b) _mm256_mul_pd(a, b)
#define v_div(a, b) _mm256_div_pd(a, b)
#define v_sqrt(a) _mm256_sqrt_pd(a)
#define v_fma(a, b, c) _mm256_fmadd_pd(a, b, c)
#define v_max(a, b) _mm256_max_pd(a, b)
#define v_abs(a) _mm256_andnot_pd(_mm256_set1_pd(-0.0), a)
#define v_copysign(a, s) \
    _mm256_or_pd(_mm256_andnot_pd(_mm256_set1_pd(-0.0), a), _mm256_and_pd(_mm256_set1_pd(-0.0), s))
#define v_if_greater(a, b, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_GT_OQ))
#define v_is_nan(a, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, a, _CMP_UNORD_Q))
#define v_exponent_of_magic(t) _mm256_slli_epi64(_mm256_castpd_si256(t), 52)
#define v_scale_by_exponent(a, e) _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(a), e))
#define v_log_exponent(a) log_exponent_avx2_f64(a)
#define v_log_mantissa(a) log_mantissa_avx2_f64(a)
#define v_nonzero_bits(a) \
    (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_NEQ_UQ))
#define TRANSPOSED 4
#define v_transpose(p, s, q, t) transpose_avx2_f64(p, s, q, t)
#define v_flush(a, tiny) _mm256_and_pd(a, _mm256_cmp_pd(v_abs(a), tiny, _CMP_NLT_UQ))
#endif
