/* The vector layer for AVX-512 (F, DQ, BW, VL): 16 floats or 8 doubles. The names are told in
 * vec_generic.h. */
#include "vec_undef.h"

#ifndef DENSEFIT_VEC_AVX512_H
#define DENSEFIT_VEC_AVX512_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "transpose_avx2.h"

static inline uint16_t first_lanes(int n) { return (uint16_t)((1u << n) - 1); }

static inline __m512 log_exponent_avx512_f32(__m512 a) {
    __m512i offset = _mm512_sub_epi32(_mm512_castps_si512(a), _mm512_set1_epi32(0x3f3504f3));
    return _mm512_cvtepi32_ps(_mm512_srai_epi32(offset, 23));
}
static inline __m512 log_mantissa_avx512_f32(__m512 a) {
    __m512i root = _mm512_set1_epi32(0x3f3504f3);
    __m512i offset = _mm512_sub_epi32(_mm512_castps_si512(a), root);
    offset = _mm512_and_si512(offset, _mm512_set1_epi32(0x007fffff));
    return _mm512_castsi512_ps(_mm512_add_epi32(offset, root));
}
static inline __m512d log_exponent_avx512_f64(__m512d a) {
    __m512i offset =
        _mm512_sub_epi64(_mm512_castpd_si512(a), _mm512_set1_epi64(0x3fe6a09e667f3bcd));
    return _mm512_cvtepi64_pd(_mm512_srai_epi64(offset, 52));
}
static inline __m512d log_mantissa_avx512_f64(__m512d a) {
    __m512i root = _mm512_set1_epi64(0x3fe6a09e667f3bcd);
    __m512i offset = _mm512_sub_epi64(_mm512_castpd_si512(a), root);
    offset = _mm512_and_si512(offset, _mm512_set1_epi64(0x000fffffffffffff));
    return _mm512_castsi512_pd(_mm512_add_epi64(offset, root));
}

#endif

#define TILE_ROWS 6
#define TILE_VECTORS 4
#define PANEL_VECTORS 8

#if REAL_BITS == 32
#define V __m512
#define VLEN 16
#define TRANSPOSED 8
#define v_load(p) _mm512_loadu_ps(p)
#define v_store(p, a) _mm512_storeu_ps(p, a)
#define v_load_part(p, n) _mm512_maskz_loadu_ps(first_lanes(n), p)
#define v_store_part(p, a, n) _mm512_mask_storeu_ps(p, first_lanes(n), a)
#define v_set1(s) _mm512_set1_ps((float)(s))
#define v_add(a, b) _mm512_add_ps(a, b)
#define v_sub(a, b) _mm512_sub_ps(a, b)
#define v_mul(a, b) _mm512_mul_ps(a, b)
#define v_div(a, b) _mm512_div_ps(a, b)
#define v_sqrt(a) _mm512_sqrt_ps(a)
#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define v_max(a, b) _mm512_max_ps(a, b)
#define v_abs(a) _mm512_andnot_ps(v_set1(-0.0), a)
#define v_copysign(a, s) _mm512_or_ps(v_abs(a), _mm512_and_ps(v_set1(-0.0), s))
#define v_if_greater(a, b, x, y) _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), y, x)
#define v_is_nan(a, x, y) _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), y, x)
#define v_exponent_of_magic(t) _mm512_slli_epi32(_mm512_castps_si512(t), 23)
#define v_scale_by_exponent(a, e) _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), e))
#define v_log_exponent(a) log_exponent_avx512_f32(a)
#define v_log_mantissa(a) log_mantissa_avx512_f32(a)
#define v_nonzero_bits(a) (unsigned)_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_NEQ_UQ)
#define v_flush(a, tiny) _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(v_abs(a), tiny, _CMP_NLT_UQ), a)
#define v_transpose(p, s, q, t) transpose_avx2_f32(p, s, q, t)
#else
#define V __m512d
#define VLEN 8
#define TRANSPOSED 4
#define v_load(p) _mm512_loadu_pd(p)
#define v_store(p, a) _mm512_storeu_pd(p, a)
#define v_load_part(p, n) _mm512_maskz_loadu_pd(first_lanes(n), p)
#define v_store_part(p, a, n) _mm512_mask_storeu_pd(p, first_lanes(n), a)
#define v_set1(s) _mm512_set1_pd((double)(s))
#define v_add(a, b) _mm512_add_pd(a, b)
#define v_sub(a, b) _mm512_sub_pd(a, b)
#define v_mul(a, b) _mm512_mul_pd(a, b)
#define v_div(a, b) _mm512_div_pd(a, b)
#define v_sqrt(a) _mm512_sqrt_pd(a)
#define v_fma(a, b, c) _mm512_fmadd_pd(a, b, c)
#define v_max(a, b) _mm512_max_pd(a, b)
#define v_abs(a) _mm512_andnot_pd(v_set1(-0.0), a)
#define v_copysign(a, s) _mm512_or_pd(v_abs(a), _mm512_and_pd(v_set1(-0.0), s))
#define v_if_greater(a, b, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_GT_OQ), y, x)
#define v_is_nan(a, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q), y, x)
#define v_exponent_of_magic(t) _mm512_slli_epi64(_mm512_castpd_si512(t), 52)
#define v_scale_by_exponent(a, e) _mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(a), e))
#define v_log_exponent(a) log_exponent_avx512_f64(a)
#define v_log_mantissa(a) log_mantissa_avx512_f64(a)
#define v_nonzero_bits(a) (unsigned)_mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_NEQ_UQ)
#define v_flush(a, tiny) _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(v_abs(a), tiny, _CMP_NLT_UQ), a)
#define v_transpose(p, s, q, t) transpose_avx2_f64(p, s, q, t)
#endif
