/* Activations that are stages of their own: they have a parameter, or a slope that the output does
 * not tell. Both directions work from the input z.
 *
 *   elu         z, below 0 alpha·(exp(z) - 1)                Clevert and others, 2015
 *   selu        λ·elu(z) with alpha of Klambauer and others, 2017
 *   leaky_relu  z, below 0 alpha·z                           Maas and others, 2013
 *   gelu        z·Φ(z), or with tanh for erf z·sigmoid(2u)   Hendrycks and Gimpel, 2016
 *               where u = √(2/π)·(z + 0.044715·z³)
 */
#define SELU_SCALE 1.0507009873554805
#define SELU_ALPHA 1.6732632423543772
#define GELU_CUBE 0.044715
#define GELU_RATE 1.5957691216057308 /* 2·√(2/π) */

/* a = elu(z) · scale and its slope. */
static inline V FN(v_elu)(V z, V alpha, V scale, V *slope) {
    V below = v_mul(alpha, FN(v_expm1)(z)), low = v_add(below, alpha);
    *slope = v_mul(scale, v_if_greater(z, v_set1(0), v_set1(1), low));
    return v_mul(scale, v_if_greater(z, v_set1(0), z, below));
}

static inline V FN(v_leaky)(V z, V alpha, V *slope) {
    *slope = v_if_greater(z, v_set1(0), v_set1(1), v_is_nan(z, z, alpha));
    return v_if_greater(z, v_set1(0), z, v_mul(alpha, z));
}

/* Beyond ±FAR the slope is 0 or 1 to the last bit, and z² must not overflow. */
static inline V FN(v_gelu)(V z, V *slope) {
    V density, share = FN(v_normal_cdf)(z, &density);
    *slope = v_fma(FN(v_within_normal)(z), density, share);
    return v_mul(z, share);
}

static inline V FN(v_gelu_tanh)(V z, V *slope) {
    V near = FN(v_within_normal)(z), square = v_mul(near, near);
    V inner = v_mul(near, v_fma(v_set1(GELU_CUBE), square, v_set1(1)));
    V share = FN(v_sigmoid)(v_mul(v_set1(GELU_RATE), inner));
    V rest = FN(v_sigmoid)(v_mul(v_set1(-GELU_RATE), inner));
    V steep = v_mul(v_set1(GELU_RATE), v_fma(v_set1(3 * GELU_CUBE), square, v_set1(1)));
    *slope = v_fma(v_mul(near, v_mul(share, rest)), steep, share);
    return v_mul(z, share);
}

static ALWAYS_INLINE V FN(curve)(const int activation, V z, V alpha, V *slope) {
    switch (activation) {
    case ACTIVATION_ELU: return FN(v_elu)(z, alpha, v_set1(1), slope);
    case ACTIVATION_SELU: return FN(v_elu)(z, v_set1(SELU_ALPHA), v_set1(SELU_SCALE), slope);
    case ACTIVATION_LEAKY_RELU: return FN(v_leaky)(z, alpha, slope);
    case ACTIVATION_GELU: return FN(v_gelu)(z, slope);
    default: return FN(v_gelu_tanh)(z, slope);
    }
}

/* a = activation(z) of n elements, or where d is given a = d · activation'(z); a may be z or d. */
static ALWAYS_INLINE void FN(curve_loop)(const int activation, REAL alpha, int64_t n, const REAL *z,
                                         const REAL *d, REAL *a) {
    for (int64_t j = 0; j < n; j += VLEN) {
        int part = FN(part_at)(j, n);
        V slope, value = FN(curve)(activation, FN(load_lanes)(z + j, part), v_set1(alpha), &slope);
        if (d != NULL) value = v_mul(FN(load_lanes)(d + j, part), slope);
        FN(store_lanes)(a + j, value, part);
    }
}

static void FN(curve_row)(const densefit_stage *stage, const REAL *z, const REAL *d, REAL *a) {
    REAL alpha = (REAL)stage->alpha;
    int64_t n = stage->n_out;
    switch (stage->activation) {
    case ACTIVATION_ELU: FN(curve_loop)(ACTIVATION_ELU, alpha, n, z, d, a); break;
    case ACTIVATION_SELU: FN(curve_loop)(ACTIVATION_SELU, alpha, n, z, d, a); break;
    case ACTIVATION_LEAKY_RELU: FN(curve_loop)(ACTIVATION_LEAKY_RELU, alpha, n, z, d, a); break;
    case ACTIVATION_GELU: FN(curve_loop)(ACTIVATION_GELU, alpha, n, z, d, a); break;
    default: FN(curve_loop)(ACTIVATION_GELU_TANH, alpha, n, z, d, a); break;
    }
}
