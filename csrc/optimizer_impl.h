/* The optimizers: the update of a run of n parameters from their summed gradient.
 *
 * SGD        w ← w - η·g
 * momentum   v ← μ·v - η·g,  w ← w + v        (Nesterov: w ← w + μ·v - η·g)
 * with g ← g + 2·l2·w + l1·sign(w) first where the layer has a penalty.
 */

typedef struct FN(update) {
    int kind;
    REAL rate, momentum;
    int nesterov;
    REAL l1, l2; /* of the parameter being updated */
} FN(update);

static ALWAYS_INLINE V FN(add_penalty_slope)(const FN(update) *u, V w, V g) {
    V side = v_if_greater(w, v_set1(0), v_set1(u->l1),
                          v_if_greater(v_set1(0), w, v_set1(-u->l1), v_set1(0)));
    return v_add(v_fma(v_set1(2 * u->l2), w, g), side);
}

/* slots[0] is the velocity where there is momentum. */
static void FN(update_run)(const FN(update) *u, int64_t n, REAL *w, REAL *const *slots,
                           int64_t offset, const REAL *grad) {
    for (int64_t j = 0; j < n; j += VLEN) {
        int part = n - j < VLEN ? (int)(n - j) : 0;
        V p = FN(load_lanes)(w + offset + j, 0, 1, part);
        V g = FN(load_lanes)(grad + j, 0, 1, part);
        if (u->l1 != 0 || u->l2 != 0) g = FN(add_penalty_slope)(u, p, g);
        if (u->momentum == 0) {
            p = v_fma(v_set1(-u->rate), g, p);
        } else {
            V step = v_mul(v_set1(-u->rate), g);
            V velocity = FN(load_lanes)(slots[0] + offset + j, 0, 1, part);
            velocity = v_fma(v_set1(u->momentum), velocity, step);
            FN(store_lanes)(slots[0] + offset + j, velocity, 0, 1, part);
            p = v_add(p, u->nesterov ? v_fma(v_set1(u->momentum), velocity, step) : velocity);
        }
        FN(store_lanes)(w + offset + j, p, 0, 1, part);
    }
}
