/* The vector layer in plain C11: vectors of one lane, for any processor.
 *
 * Every vec_<isa>.h defines the same names for the precision REAL_BITS (see kernels_impl.h):
 *
 *   V, VLEN                       the vector type and its number of lanes
 *   TILE_ROWS, TILE_VECTORS       register tile of the matrix product: rows × vectors
 *   PANEL_VECTORS                 vectors of a packed panel, at most 8
 *   v_load, v_store               unaligned
 *   v_load_part, v_store_part     the first n lanes only, 0 < n < VLEN; the other lanes load as 0
 *   v_fma(a, b, c)                a·b + c, rounded once
 *   v_max(a, b)                   a > b ? a : b, so b where either is NaN
 *   v_if_greater(a, b, x, y)      a > b ? x : y, so y where either is NaN
 *   v_is_nan(a, x, y)             a is NaN ? x : y
 *   v_exponent_of_magic(t)        t = n + MAGIC (an integer-valued float): 2ⁿ as an exponent field
 *   v_scale_by_exponent(a, e)     a · 2ⁿ by adding such a field, the result normal
 *   v_log_exponent, v_log_mantissa   a = m · 2ᵏ with √½ ≤ m < √2, a positive and normal
 *   v_flush(a, tiny)              |a| < tiny ? +0 : a
 *   v_nonzero_bits(a)             a bit per lane that is not 0 (NaN is not), lane 0 lowest
 *   v_transpose(p, s, q, t)       a block of TRANSPOSED rows and columns; where it pays
 */
#include "vec_undef.h"

#ifndef DENSEFIT_VEC_GENERIC_H
#define DENSEFIT_VEC_GENERIC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bits_f32(float a) {
    uint32_t u;
    memcpy(&u, &a, sizeof u);
    return u;
}
static inline float from_bits_f32(uint32_t u) {
    float a;
    memcpy(&a, &u, sizeof a);
    return a;
}
static inline uint64_t bits_f64(double a) {
    uint64_t u;
    memcpy(&u, &a, sizeof u);
    return u;
}
static inline double from_bits_f64(uint64_t u) {
    double a;
    memcpy(&a, &u, sizeof a);
    return a;
}

/* Bits of √½, from which the exponent is counted so that the mantissa lies around 1. */
static inline float log_exponent_f32(float a) {
    return (float)((int32_t)(bits_f32(a) - 0x3f3504f3u) >> 23);
}
static inline float log_mantissa_f32(float a) {
    uint32_t offset = bits_f32(a) - 0x3f3504f3u;
    return from_bits_f32((offset & 0x007fffffu) + 0x3f3504f3u);
}
static inline double log_exponent_f64(double a) {
    return (double)((int64_t)(bits_f64(a) - 0x3fe6a09e667f3bcdu) >> 52);
}
static inline double log_mantissa_f64(double a) {
    uint64_t offset = bits_f64(a) - 0x3fe6a09e667f3bcdu;
    return from_bits_f64((offset & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
}

#endif

#define VLEN 1
#define TILE_ROWS 4
#define TILE_VECTORS 4
#define PANEL_VECTORS 8
#define v_load(p) (*(p))
#define v_store(p, a) (*(p) = (a))
#define v_load_part(p, n) (*(p)) /* no lane count lies between 0 and 1 */
#define v_store_part(p, a, n) (*(p) = (a))
#define v_add(a, b) ((a) + (b))
#define v_sub(a, b) ((a) - (b))
#define v_mul(a, b) ((a) * (b))
#define v_div(a, b) ((a) / (b))
#define v_max(a, b) ((a) > (b) ? (a) : (b))
#define v_if_greater(a, b, x, y) ((a) > (b) ? (x) : (y))
#define v_is_nan(a, x, y) ((a) != (a) ? (x) : (y))
#define v_nonzero_bits(a) ((a) != 0)
#define v_flush(a, tiny) (v_abs(a) < (tiny) ? 0 : (a))

#if REAL_BITS == 32
#define V float
#define v_set1(s) ((float)(s))
#define v_sqrt(a) sqrtf(a)
#define v_fma(a, b, c) fmaf(a, b, c)
#define v_abs(a) fabsf(a)
#define v_copysign(a, s) copysignf(a, s)
#define v_exponent_of_magic(t) (bits_f32(t) << 23)
#define v_scale_by_exponent(a, e) from_bits_f32(bits_f32(a) + (e))
#define v_log_exponent(a) log_exponent_f32(a)
#define v_log_mantissa(a) log_mantissa_f32(a)
#else
#define V double
#define v_set1(s) ((double)(s))
#define v_sqrt(a) sqrt(a)
#define v_fma(a, b, c) fma(a, b, c)
#define v_abs(a) fabs(a)
#define v_copysign(a, s) copysign(a, s)
#define v_exponent_of_magic(t) (bits_f64(t) << 52)
#define v_scale_by_exponent(a, e) from_bits_f64(bits_f64(a) + (e))
#define v_log_exponent(a) log_exponent_f64(a)
#define v_log_mantissa(a) log_mantissa_f64(a)
#endif
