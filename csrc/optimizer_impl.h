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

static ALWAYS_INLINE V FN(flush)(V a) { return v_if_greater(v_set1(TINY), v_abs(a), v_set1(0), a); }

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

/* One vector's new parameters; s[0], s[1] are its state, read and written. `kind` is a constant. */
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

/* n parameters; returns 0 · their new values summed in lanes: NaN where one is not finite. */
static ALWAYS_INLINE V FN(update_body)(const int kind, const FN(update) *u, int64_t n, REAL *w,
                                       REAL *const *slots, int64_t offset, const REAL *grad,
                                       V poison) {
    int count = FN(slots_of)(kind, u);
    for (int64_t j = 0; j < n; j += VLEN) {
        int part = FN(part_at)(j, n);
        int64_t at = offset + j;
        V s[2] = {v_set1(0), v_set1(0)};
        V p = FN(load_lanes)(w + at, part);
        V g = v_add(FN(load_lanes)(grad + j, part), v_set1(0));
        if (u->l1 != 0 || u->l2 != 0) g = FN(add_penalty_slope)(u, p, g);
        for (int i = 0; i < count; i++) s[i] = FN(load_lanes)(slots[i] + at, part);
        p = FN(updated)(kind, u, p, g, s);
        for (int i = 0; i < count; i++) FN(store_lanes)(slots[i] + at, s[i], part);
        FN(store_lanes)(w + at, p, part);
        poison = v_fma(p, v_set1(0), poison);
    }
    return poison;
}

/* Rows of n parameters, `row` apart in w and the slots, `grad_row` apart in grad. */
typedef struct FN(rows) {
    REAL *w, *const *slots;
    int64_t count, n, offset, row, grad_row;
    const REAL *grad;
    const uint8_t *skip; /* rows to leave as they are, or NULL */
} FN(rows);

static ALWAYS_INLINE V FN(update_rows_body)(const int kind, const FN(update) *u,
                                            const FN(rows) *rows, V poison) {
    for (int64_t r = 0; r < rows->count; r++) {
        if (rows->skip != NULL && rows->skip[r]) continue;
        poison =
            FN(update_body)(kind, u, rows->n, rows->w, rows->slots, rows->offset + r * rows->row,
                            rows->grad + r * rows->grad_row, poison);
    }
    return poison;
}

static V FN(update_rows)(int kind, const FN(update) *u, const FN(rows) *rows, V poison) {
#define UPDATE_CASE(KIND) \
    case KIND: return FN(update_rows_body)(KIND, u, rows, poison);
    switch (kind) {
        UPDATE_CASE(OPTIMIZER_MOMENTUM)
        UPDATE_CASE(OPTIMIZER_ADAM)
        UPDATE_CASE(OPTIMIZER_RMSPROP)
        UPDATE_CASE(OPTIMIZER_ADAGRAD)
        UPDATE_CASE(OPTIMIZER_ADADELTA)
    }
    return FN(update_rows_body)(OPTIMIZER_SGD, u, rows, poison);
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
