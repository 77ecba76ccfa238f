/* Activations: forward from z, slope from the output a, so that z need not be kept. */

static ALWAYS_INLINE V FN(activate)(const int activation, V z) {
    switch (activation) {
    case ACTIVATION_RELU: return v_max(v_set1(0), z); /* in this order it keeps NaN */
    case ACTIVATION_TANH: return FN(v_tanh)(z);
    case ACTIVATION_SIGMOID: return FN(v_sigmoid)(z);
    default: return z;
    }
}

/* d · activation'(z), told from a = activation(z). */
static ALWAYS_INLINE V FN(times_slope)(const int activation, V d, V a) {
    switch (activation) {
    case ACTIVATION_RELU: return v_if_greater(a, v_set1(0), d, v_set1(0));
    case ACTIVATION_TANH: return v_mul(d, v_fma(v_sub(v_set1(0), a), a, v_set1(1)));
    case ACTIVATION_SIGMOID: return v_mul(d, v_mul(a, v_sub(v_set1(1), a)));
    default: return d;
    }
}

/* Four copies of one loop, so that the switch is outside of it. */
#define EACH_ACTIVATION(activation, BODY)                     \
    switch (activation) {                                     \
    case ACTIVATION_RELU: BODY(ACTIVATION_RELU); break;       \
    case ACTIVATION_TANH: BODY(ACTIVATION_TANH); break;       \
    case ACTIVATION_SIGMOID: BODY(ACTIVATION_SIGMOID); break; \
    default: BODY(ACTIVATION_LINEAR); break;                  \
    }

/* a = activation(z + bias + 0) of one row's n elements; bias may be NULL; a may be z. The + 0 is
 * the canonicalisation of matmul_impl.h. */
static void FN(finish_row)(int activation, int64_t n, const REAL *z, const REAL *bias, REAL *a) {
#define FINISH(ACT)                                                           \
    for (int64_t j = 0; j < n; j += VLEN) {                                   \
        int part = FN(part_at)(j, n);                                         \
        V t = FN(load_lanes)(z + j, part);                                    \
        if (bias != NULL) t = v_add(t, FN(load_lanes)(bias + j, part));       \
        FN(store_lanes)(a + j, FN(activate)(ACT, v_add(t, v_set1(0))), part); \
    }
    EACH_ACTIVATION(activation, FINISH)
#undef FINISH
}

/* dz = (d + 0) · activation'(z), a = activation(z), n elements; dz may be d. */
static void FN(slope_row)(int activation, int64_t n, const REAL *d, const REAL *a, REAL *dz) {
#define SLOPE(ACT)                                                 \
    for (int64_t j = 0; j < n; j += VLEN) {                        \
        int part = FN(part_at)(j, n);                              \
        V t = v_add(FN(load_lanes)(d + j, part), v_set1(0));       \
        V u = FN(load_lanes)(a + j, part);                         \
        FN(store_lanes)(dz + j, FN(times_slope)(ACT, t, u), part); \
    }
    EACH_ACTIVATION(activation, SLOPE)
#undef SLOPE
}

static void FN(activation_forward)(int32_t activation, int64_t n, const void *z, void *a) {
    FN(finish_row)(activation, n, z, NULL, a);
}

static void FN(activation_backward)(int32_t activation, int64_t n, const void *da, const void *z,
                                    void *dz) {
    REAL a[256];
    for (int64_t i = 0; i < n; i += 256) {
        int64_t count = smaller(n - i, 256);
        FN(finish_row)(activation, count, (const REAL *)z + i, NULL, a);
        FN(slope_row)(activation, count, (const REAL *)da + i, a, (REAL *)dz + i);
    }
}

static void FN(elementary)(int32_t function, int64_t n, const void *x, void *y) {
    for (int64_t i = 0; i < n; i += VLEN) {
        int part = FN(part_at)(i, n);
        V density, t = FN(load_lanes)((const REAL *)x + i, part);
        switch (function) {
        case 0: t = FN(v_exp)(t); break;
        case 1: t = FN(v_log)(t); break;
        case 2: t = FN(v_tanh)(t); break;
        case 3: t = FN(v_sigmoid)(t); break;
        case 4: t = FN(v_log1p)(t); break;
        case 5: t = FN(v_expm1)(t); break;
        default: t = FN(v_normal_cdf)(t, &density); break;
        }
        FN(store_lanes)((REAL *)y + i, t, part);
    }
}

#undef EACH_ACTIVATION
