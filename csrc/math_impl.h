/* exp, log, tanh and the sigmoid: the same bits on every machine, never the C library's.
 *
 * a. Fused multiply-adds in a fixed order, correctly rounded divisions; nothing else rounds.
 * b. Coefficients come from coefficients.py, which states the interval and the remainder fitted.
 * c. exp flushes results below the smallest normal number to 0, so that no kernel ever slows
 *    down on subnormal numbers; above the largest it is infinity. NaN in, NaN out.
 * d. Errors measured against 60 digits (tests/kernels/test_math.py): exp and log < 1 ulp,
 *    tanh and sigmoid < 2 ulp.
 */

#ifndef DENSEFIT_MATH_TABLES
#define DENSEFIT_MATH_TABLES
/* clang-format off */
#define DENSEFIT_EXP_F32(C) \
    C(0.0013926249079586229) C(0.008363231481216532) C(0.04166655422352458) C(0.1666657667455756) C(0.5)
#define DENSEFIT_EXP_F64(C) \
    C(2.0914753544959484e-09) C(2.5105310235689788e-08) C(2.7557273483005247e-07) C(2.7557255176003713e-06) C(2.4801587325674076e-05) C(0.00019841269874997539) C(0.0013888888888883711) C(0.008333333333326084) C(0.04166666666666667) C(0.1666666666666667) C(0.5)
#define DENSEFIT_LOG_F32(C) \
    C(0.2333158758212219) C(0.2855077962236631) C(0.40000122203083) C(0.6666666655405269)
#define DENSEFIT_LOG_F64(C) \
    C(0.1308800183236331) C(0.13268641529664726) C(0.15386244619495787) C(0.1818179554969504) C(0.2222222239256068) C(0.2857142857079987) C(0.40000000000000885) C(0.6666666666666666)
#define DENSEFIT_TANH_F32(C) \
    C(0.002292744816178142) C(-0.008343945515839153) C(0.02176891865102821) C(-0.053959259577204544) C(0.1333330355691574) C(-0.3333333317214036)
#define DENSEFIT_TANH_F64(C) \
    C(9.171549402654542e-07) C(-4.770834648519767e-06) C(1.4832897548417558e-05) C(-3.879904218166128e-05) C(9.676689210002811e-05) C(-0.00023909642770594748) C(0.0005900223329023258) C(-0.0014558338279042078) C(0.0035921279948771647) C(-0.008863235527882459) C(0.021869488536096472) C(-0.053968253968253076) C(0.13333333333333333) C(-0.3333333333333333)
#define DENSEFIT_NORMAL_F32(C) \
    C(-0.00012018440110144362) C(0.00020126173028404675) C(0.001572317879442563) C(-0.0035261837003900368) C(-0.0075292507030986265) C(0.06040668872980527) C(-0.1865226849099879) C(0.38713668408577256) C(-0.6078966182822692) C(0.7552851383227722)
#define DENSEFIT_NORMAL_F64(C) \
    C(2.1976330925973466e-09) C(1.1778492581634052e-08) C(7.275819365679484e-09) C(-7.548408794530701e-08) C(-1.4350074067758307e-07) C(2.654359145965975e-07) C(1.0109156422074605e-06) C(-6.277422341697653e-07) C(-5.914380081034766e-06) C(7.166154819147747e-07) C(3.514272874233549e-05) C(-1.9084176255120743e-06) C(-0.00023109452349699203) C(0.00013334436347723014) C(0.0016308184055919227) C(-0.003479692374410255) C(-0.00754018896310587) C(0.06039657489137532) C(-0.1865218579597736) C(0.3871374007422045) C(-0.607896641971891) C(0.7552851304157515)
/* clang-format on */
#endif

#if REAL_BITS == 32
#define MAGIC 12582912.0f /* 1.5·2²³: adding it rounds to an integer, held in the low bits */
#define EXP_LOW -87.33654022216797f /* exp is the smallest normal number */
#define EXP_HIGH 88.72283172607422f /* the last argument whose exp is finite */
#define EXP_CAP 89.0f
#define LN2_HIGH 0x1.62e4p-1f /* 15 bits: n·LN2_HIGH is exact */
#define LN2_LOW 1.4286068203094173e-06f
#define LOG_TINY 1.17549435e-38f
#define LOG_UP 8388608.0f
#define LOG_UP_BITS 23
#define EXP_TABLE DENSEFIT_EXP_F32
#define LOG_TABLE DENSEFIT_LOG_F32
#define TANH_TABLE DENSEFIT_TANH_F32
#define NORMAL_TABLE DENSEFIT_NORMAL_F32
#define NORMAL_FAR 14.0f /* exp(-a²/2) is 0 from here on */
#else
#define MAGIC 6755399441055744.0
#define EXP_LOW -708.396418532264
#define EXP_HIGH 709.782712893384
#define EXP_CAP 710.0
#define LN2_HIGH 0x1.62e42fefa38p-1 /* 42 bits */
#define LN2_LOW 0x1.ef35793c7673p-45
#define LOG_TINY 2.2250738585072014e-308
#define LOG_UP 4503599627370496.0
#define LOG_UP_BITS 52
#define EXP_TABLE DENSEFIT_EXP_F64
#define LOG_TABLE DENSEFIT_LOG_F64
#define TANH_TABLE DENSEFIT_TANH_F64
#define NORMAL_TABLE DENSEFIT_NORMAL_F64
#define NORMAL_FAR 39.0
#endif

#define HORNER(c) p = v_fma(p, t, v_set1(c));

/* The smaller of two; b where either is NaN. */
static inline V FN(v_min)(V a, V b) {
    return v_sub(v_set1(0), v_max(v_sub(v_set1(0), a), v_sub(v_set1(0), b)));
}

static inline V FN(v_exp)(V x) {
    /* The NaN is the second argument of every v_max, and so is kept. */
    V clamped = v_sub(v_set1(0), v_max(v_set1(-EXP_CAP), v_sub(v_set1(0), x)));
    clamped = v_max(v_set1(EXP_LOW), clamped);
    V shifted = v_fma(clamped, v_set1(1.4426950408889634), v_set1(MAGIC));
    V n = v_sub(shifted, v_set1(MAGIC));
    V t = v_fma(n, v_set1(-LN2_HIGH), clamped);
    t = v_fma(n, v_set1(-LN2_LOW), t);
    V p = v_set1(0);
    EXP_TABLE(HORNER)
    p = v_fma(v_mul(t, t), p, t);
    p = v_add(p, v_set1(1));
    /* One addition to the exponent, because the result is normal: p ≥ 1 where n is least, and
     * p < 1 where n is one above the largest exponent. */
    p = v_scale_by_exponent(p, v_exponent_of_magic(shifted));
    p = v_if_greater(v_set1(EXP_LOW), x, v_set1(0), p);
    p = v_if_greater(x, v_set1(EXP_HIGH), v_set1(HUGE_VAL), p);
    return v_is_nan(x, x, p);
}

/* exp(x) - 1: near 0 without the 1 that would swallow it. */
static inline V FN(v_expm1)(V x) {
    V t = x, p = v_set1(0);
    EXP_TABLE(HORNER)
    V near_zero = v_fma(v_mul(t, t), p, t);
    return v_if_greater(v_abs(x), v_set1(0.34), v_sub(FN(v_exp)(x), v_set1(1)), near_zero);
}

static inline V FN(v_log)(V x) {
    V up = v_if_greater(v_set1(LOG_TINY), x, v_set1(LOG_UP), v_set1(1));
    V lowered = v_if_greater(v_set1(LOG_TINY), x, v_set1(LOG_UP_BITS), v_set1(0));
    V scaled = v_mul(x, up);
    V k = v_sub(v_log_exponent(scaled), lowered);
    V f = v_sub(v_log_mantissa(scaled), v_set1(1));
    V s = v_div(f, v_add(f, v_set1(2)));
    V t = v_mul(s, s);
    V half_square = v_mul(v_mul(f, f), v_set1(0.5));
    V p = v_set1(0);
    LOG_TABLE(HORNER)
    V tail = v_fma(s, v_fma(t, p, half_square), v_mul(k, v_set1(LN2_LOW)));
    V y = v_fma(k, v_set1(LN2_HIGH), v_sub(f, v_sub(half_square, tail)));
    y = v_if_greater(x, v_set1(0), y, v_set1(NAN));
    y = v_if_greater(v_abs(x), v_set1(0), y, v_set1(-HUGE_VAL));
    y = v_if_greater(v_set1(HUGE_VAL), x, y, x);
    return v_is_nan(x, x, y);
}

/* log(1 + x) for x ≥ 0: the log of the rounded sum, and what the rounding has lost. */
static inline V FN(v_log1p)(V x) {
    V u = v_add(x, v_set1(1));
    V lost =
        v_if_greater(x, v_set1(1), v_sub(v_set1(1), v_sub(u, x)), v_sub(x, v_sub(u, v_set1(1))));
    V y = v_add(FN(v_log)(u), v_div(lost, u));
    y = v_if_greater(v_set1(HUGE_VAL), x, y, x);
    return v_is_nan(x, x, y);
}

static inline V FN(v_tanh)(V x) {
    V a = v_abs(x);
    V t = v_mul(a, a);
    V p = v_set1(0);
    TANH_TABLE(HORNER)
    V near_zero = v_fma(v_mul(a, t), p, a);
    V e = FN(v_exp)(v_add(a, a));
    V far = v_sub(v_set1(1), v_div(v_set1(2), v_add(e, v_set1(1))));
    V y = v_copysign(v_if_greater(a, v_set1(0.625), far, near_zero), x);
    return v_is_nan(x, x, y);
}

static inline V FN(v_sigmoid)(V x) {
    V e = FN(v_exp)(v_sub(v_set1(0), v_abs(x)));
    V top = v_if_greater(v_set1(0), x, e, v_set1(1));
    return v_div(top, v_add(v_set1(1), e));
}

/* Between the last arguments at which the normal density is not 0. */
static inline V FN(v_within_normal)(V x) {
    return v_copysign(FN(v_min)(v_set1(NORMAL_FAR), v_abs(x)), x);
}

/* Φ(x) by Mills's ratio; a² is carried with what its rounding lost, as exp would magnify that. */
static inline V FN(v_normal_cdf)(V x, V *density) {
    V a = FN(v_min)(v_set1(NORMAL_FAR), v_abs(x));
    V square = v_mul(a, a), lost = v_fma(a, a, v_sub(v_set1(0), square));
    V e = FN(v_exp)(v_mul(v_set1(-0.5), square));
    e = v_fma(e, v_mul(v_set1(-0.5), lost), e);
    V far = v_add(a, v_set1(4)), t = v_div(v_sub(a, v_set1(4)), far);
    V p = v_set1(0);
    NORMAL_TABLE(HORNER)
    V tail = v_div(v_mul(e, p), far);
    *density = v_mul(e, v_set1(0.3989422804014327)); /* 1/√(2π) */
    return v_is_nan(x, x, v_if_greater(x, v_set1(0), v_sub(v_set1(1), tail), tail));
}

#undef HORNER
#undef MAGIC
#undef EXP_LOW
#undef EXP_HIGH
#undef EXP_CAP
#undef LN2_HIGH
#undef LN2_LOW
#undef LOG_TINY
#undef LOG_UP
#undef LOG_UP_BITS
#undef EXP_TABLE
#undef LOG_TABLE
#undef TANH_TABLE
#undef NORMAL_TABLE
#undef NORMAL_FAR
