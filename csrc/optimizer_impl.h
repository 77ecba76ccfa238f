/* The optimizers: the update of a run of parameters from their summed gradient, with Keras's
 * formulas. g is the gradient, after g ← g + 2·l2·w + l1·sign(w) where the layer has a penalty.
 *
 * SGD       w ← w - η·g; with momentum v ← μ·v - η·g, w ← w + v (Nesterov: w ← w + μ·v - η·g)
 * Adam      m ← m + (1-β₁)·(g - m), v ← v + (1-β₂)·(g² - v), w ← w - α·m / (√v + ε),
 *           α = η·√(1-β₂ᵗ) / (1-β₁ᵗ)                               (Kingma and Ba, 2014)
 * RMSprop   v ← ρ·v + (1-ρ)·g², s = η·g / √(v + ε), w ← w - s      (Hinton, 2012)
 *           with momentum u ← μ·u + s, w ← w - u
 * Adagrad   v ← v + g², w ← w - η·g / √(v + ε)                     (Duchi and others, 2011)
 * Adadelta  v ← ρ·v + (1-ρ)·g², s = g·√(u + ε) / √(v + ε),
 *           u ← ρ·u + (1-ρ)·s², w ← w - η·s                        (Zeiler, 2012)
 *
 * State below TINY in magnitude becomes 0: averages that decay would otherwise end as subnormal
 * numbers, which some processors compute with a hundred times slower.
 */

typedef struct FN(update) {
    REAL rate, momentum, rho, one_minus_rho, one_minus_beta_1, epsilon;
    int nesterov;
    REAL l1, l2; /* of the parameter being updated */
} FN(update);

#undef TINY
#if REAL_BITS == 32
#define TINY 0x1p-100f
#else
#define TINY 0x1p-900
#endif

static ALWAYS_INLINE V FN(flush)(V a) { return v_flush(a, v_set1(TINY)); }

static ALWAYS_INLINE V FN(add_penalty_slope)(const FN(update) *u, V w, V g) {
    V side = v_if_greater(w, v_set1(0), v_set1(u->l1),
                          v_if_greater(v_set1(0), w, v_set1(-u->l1), v_set1(0)));
    return v_add(v_fma(v_set1(2 * u->l2), w, g), side);
}

/* ρ·average + (1-ρ)·value² */
static ALWAYS_INLINE V FN(mean_square)(const FN(update) *u, V average, V value) {
    V fresh = v_mul(v_set1(u->one_minus_rho), v_mul(value, value));
    return FN(flush)(v_fma(v_set1(u->rho), average, fresh));
}

static ALWAYS_INLINE V FN(root)(const FN(update) *u, V a) {
    return v_sqrt(v_add(a, v_set1(u->epsilon)));
}

/* New parameters; s[0], s[1] are their state, read and written. `kind` is a constant. */
static ALWAYS_INLINE V FN(updated)(const int kind, const FN(update) *u, V w, V g, V *s) {
    V step;
    switch (kind) {
    case OPTIMIZER_MOMENTUM:
        step = v_mul(v_set1(-u->rate), g);
        s[0] = FN(flush)(v_fma(v_set1(u->momentum), s[0], step));
        return v_add(w, u->nesterov ? v_fma(v_set1(u->momentum), s[0], step) : s[0]);
    case OPTIMIZER_ADAM:
        s[0] = FN(flush)(v_fma(v_sub(g, s[0]), v_set1(u->one_minus_beta_1), s[0]));
        step = v_fma(g, g, v_sub(v_set1(0), s[1]));
        s[1] = FN(flush)(v_fma(step, v_set1(u->one_minus_rho), s[1]));
        step = v_div(v_mul(v_set1(u->rate), s[0]), v_add(v_sqrt(s[1]), v_set1(u->epsilon)));
        return v_sub(w, step);
    case OPTIMIZER_RMSPROP:
        s[0] = FN(mean_square)(u, s[0], g);
        step = v_div(v_mul(v_set1(u->rate), g), FN(root)(u, s[0]));
        if (u->momentum != 0) step = s[1] = FN(flush)(v_fma(v_set1(u->momentum), s[1], step));
        return v_sub(w, step);
    case OPTIMIZER_ADAGRAD:
        s[0] = v_fma(g, g, s[0]);
        return v_sub(w, v_div(v_mul(v_set1(u->rate), g), FN(root)(u, s[0])));
    case OPTIMIZER_ADADELTA:
        s[0] = FN(mean_square)(u, s[0], g);
        step = v_div(v_mul(g, FN(root)(u, s[1])), FN(root)(u, s[0]));
        s[1] = FN(mean_square)(u, s[1], step);
        return v_fma(v_set1(-u->rate), step, w);
    default: return v_fma(v_set1(-u->rate), g, w);
    }
}

static inline int FN(slots_of)(int kind, const FN(update) *u) {
    if (kind == OPTIMIZER_SGD) return 0;
    if (kind == OPTIMIZER_ADAM || kind == OPTIMIZER_ADADELTA) return 2;
    return kind == OPTIMIZER_RMSPROP && u->momentum != 0 ? 2 : 1;
}

/* One vector of parameters; returns 0 · their new values added to poison: NaN where one is not
 * finite. */
static ALWAYS_INLINE V FN(update_vector)(const int kind, const int penalised, const int slots,
                                         const FN(update) *u, int part, REAL *w, REAL *s0, REAL *s1,
                                         const REAL *grad, V poison) {
    V s[2] = {slots > 0 ? FN(load_lanes)(s0, part) : v_set1(0),
              slots > 1 ? FN(load_lanes)(s1, part) : v_set1(0)};
    V p = FN(load_lanes)(w, part), g = v_add(FN(load_lanes)(grad, part), v_set1(0));
    if (penalised) g = FN(add_penalty_slope)(u, p, g);
    p = FN(updated)(kind, u, p, g, s);
    if (slots > 0) FN(store_lanes)(s0, s[0], part);
    if (slots > 1) FN(store_lanes)(s1, s[1], part);
    FN(store_lanes)(w, p, part);
    return v_fma(p, v_set1(0), poison);
}

/* Rows of n parameters, `row` apart in w and the slots, `grad_row` apart in grad. */
typedef struct FN(rows) {
    REAL *w, *const *slots;
    int64_t count, n, offset, row, grad_row;
    const REAL *grad;
} FN(rows);

static ALWAYS_INLINE V FN(update_rows_body)(const int kind, const int penalised, const int slots,
                                            const FN(update) *u, const FN(rows) *rows, V poison) {
    const FN(update) constants = *u; /* which no store can change */
    int64_t whole = rows->n / VLEN * VLEN;
    for (int64_t r = 0; r < rows->count; r++) {
        int64_t at = rows->offset + r * rows->row, j = 0;
        REAL *w = rows->w + at;
        REAL *s0 = slots > 0 ? rows->slots[0] + at : NULL;
        REAL *s1 = slots > 1 ? rows->slots[1] + at : NULL;
        const REAL *grad = rows->grad + r * rows->grad_row;
        for (; j < whole; j += VLEN)
            poison = FN(update_vector)(kind, penalised, slots, &constants, 0, w + j,
                                       slots > 0 ? s0 + j : NULL, slots > 1 ? s1 + j : NULL,
                                       grad + j, poison);
        if (j < rows->n)
            poison = FN(update_vector)(kind, penalised, slots, &constants, (int)(rows->n - j),
                                       w + j, slots > 0 ? s0 + j : NULL, slots > 1 ? s1 + j : NULL,
                                       grad + j, poison);
    }
    return poison;
}

static V FN(update_rows)(int kind, const FN(update) *u, const FN(rows) *rows, V poison) {
#define UPDATE_CASE(KIND, SLOTS)                                                            \
    return u->l1 != 0 || u->l2 != 0 ? FN(update_rows_body)(KIND, 1, SLOTS, u, rows, poison) \
                                    : FN(update_rows_body)(KIND, 0, SLOTS, u, rows, poison);
    switch (kind) {
    case OPTIMIZER_MOMENTUM: UPDATE_CASE(OPTIMIZER_MOMENTUM, 1)
    case OPTIMIZER_ADAM: UPDATE_CASE(OPTIMIZER_ADAM, 2)
    case OPTIMIZER_RMSPROP:
        if (u->momentum != 0) UPDATE_CASE(OPTIMIZER_RMSPROP, 2)
        UPDATE_CASE(OPTIMIZER_RMSPROP, 1)
    case OPTIMIZER_ADAGRAD: UPDATE_CASE(OPTIMIZER_ADAGRAD, 1)
    case OPTIMIZER_ADADELTA: UPDATE_CASE(OPTIMIZER_ADADELTA, 2)
    }
    UPDATE_CASE(OPTIMIZER_SGD, 0)
#undef UPDATE_CASE
}

/* bᵗ by squaring: a function of b and t alone, whichever call asks for it. */
static double FN(power)(double b, uint64_t t) {
    double result = 1;
    for (; t > 0; t >>= 1, b *= b)
        if (t & 1) result *= b;
    return result;
}

/* The constants of one step; `t` counts updates from 1. */
static FN(update) FN(update_at)(const densefit_optimizer *o, double rate, uint64_t t) {
    if (o->kind == OPTIMIZER_ADAM)
        rate *= sqrt(1 - FN(power)(o->beta_2, t)) / (1 - FN(power)(o->beta_1, t));
    double rho = o->kind == OPTIMIZER_ADAM ? o->beta_2 : o->rho;
    return (FN(update)){.rate = (REAL)rate,
                        .momentum = (REAL)o->momentum,
                        .rho = (REAL)rho,
                        .one_minus_rho = (REAL)(1 - rho),
                        .one_minus_beta_1 = (REAL)(1 - o->beta_1),
                        .epsilon = (REAL)o->epsilon,
                        .nesterov = o->nesterov};
}
