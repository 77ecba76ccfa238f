/* Softmax and its cross-entropy, one row at a time.
 *
 * Reductions along a row run in 16 lanes whatever the vector's length: lane l takes the elements
 * j ≡ l (mod 16) in ascending order, then the lanes are folded 8, 4, 2, 1. A row's end is filled
 * with the neutral element.
 */
#define LANES 16
#define LANE_VECTORS (LANES / VLEN)

static inline REAL FN(fold_sum)(const V *sum) {
    REAL lane[LANES];
    for (int v = 0; v < LANE_VECTORS; v++) v_store(lane + v * VLEN, sum[v]);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) lane[l] += lane[l + width];
    return lane[0];
}

static inline REAL FN(fold_max)(const V *top) {
    REAL lane[LANES];
    for (int v = 0; v < LANE_VECTORS; v++) v_store(lane + v * VLEN, top[v]);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++)
            lane[l] = lane[l] > lane[l + width] ? lane[l] : lane[l + width];
    return lane[0];
}

/* Elements j … j + 15 of a row of n; those beyond its end are `fill`. */
static inline void FN(load_chunk)(const REAL *row, int64_t j, int64_t n, REAL fill, V *chunk) {
    REAL padded[LANES];
    const REAL *from = row + j;
    if (n - j < LANES) {
        for (int l = 0; l < LANES; l++) padded[l] = j + l < n ? from[l] : fill;
        from = padded;
    }
    for (int v = 0; v < LANE_VECTORS; v++) chunk[v] = v_load(from + v * VLEN);
}

static inline void FN(store_chunk)(REAL *row, int64_t j, int64_t n, const V *chunk) {
    for (int v = 0; v < LANE_VECTORS && j + v * VLEN < n; v++) {
        FN(store_lanes)(row + j + v * VLEN, chunk[v], FN(part_at)(j + v * VLEN, n));
    }
}

static REAL FN(row_max)(const REAL *z, int64_t n) {
    V top[LANE_VECTORS], chunk[LANE_VECTORS];
    for (int v = 0; v < LANE_VECTORS; v++) top[v] = v_set1(-HUGE_VAL);
    for (int64_t j = 0; j < n; j += LANES) {
        FN(load_chunk)(z, j, n, (REAL)-HUGE_VAL, chunk);
        for (int v = 0; v < LANE_VECTORS; v++) top[v] = v_max(top[v], chunk[v]);
    }
    return FN(fold_max)(top);
}

/* e = exp(z - top), kept unless e is NULL; returns its sum. */
static REAL FN(row_exp)(const REAL *z, int64_t n, REAL top, REAL *e) {
    V sum[LANE_VECTORS], chunk[LANE_VECTORS];
    for (int v = 0; v < LANE_VECTORS; v++) sum[v] = v_set1(0);
    for (int64_t j = 0; j < n; j += LANES) {
        FN(load_chunk)(z, j, n, (REAL)-HUGE_VAL, chunk);
        for (int v = 0; v < LANE_VECTORS; v++) {
            chunk[v] = FN(v_exp)(v_sub(chunk[v], v_set1(top)));
            sum[v] = v_add(sum[v], chunk[v]);
        }
        if (e != NULL) FN(store_chunk)(e, j, n, chunk);
    }
    return FN(fold_sum)(sum);
}

static void FN(softmax_row)(int64_t n, const REAL *z, REAL *p) {
    REAL sum = FN(row_exp)(z, n, FN(row_max)(z, n), p);
    for (int64_t j = 0; j < n; j += VLEN) {
        int part = FN(part_at)(j, n);
        V share = v_div(FN(load_lanes)(p + j, part), v_set1(sum));
        FN(store_lanes)(p + j, share, part);
    }
}

static void FN(softmax)(int64_t n, int64_t c, const void *z, void *p) {
    for (int64_t i = 0; i < n; i++) FN(softmax_row)(c, (const REAL *)z + i * c, (REAL *)p + i * c);
}

/* log of the sum of exponentials, as a double from the REAL's own log. */
static inline double FN(log_of)(REAL x) {
    REAL lanes[VLEN];
    v_store(lanes, FN(v_log)(v_set1(x)));
    return (double)lanes[0];
}

/* The loss of one row, log Σ exp z - z[label], and dz = (softmax(z) - onehot) · scale unless dz is
 * NULL; dz may be z. */
static double FN(sparse_crossentropy_row)(int64_t c, const REAL *z, int64_t label, REAL scale,
                                          REAL *dz) {
    REAL top = FN(row_max)(z, c), of_label = z[label];
    REAL sum = FN(row_exp)(z, c, top, dz);
    if (dz != NULL) {
        for (int64_t j = 0; j < c; j++) dz[j] = (dz[j] / sum - (j == label ? 1 : 0)) * scale;
    }
    return FN(log_of)(sum) + ((double)top - (double)of_label);
}

/* The same against a distribution y; with y one-hot every bit is that of the function above. */
static double FN(crossentropy_row)(int64_t c, const REAL *z, const REAL *y, REAL scale, REAL *dz) {
    REAL top = FN(row_max)(z, c), mass = 0;
    REAL sum = FN(row_exp)(z, c, top, NULL);
    double log_sum = FN(log_of)(sum), loss = 0;
    for (int64_t j = 0; j < c; j++) {
        mass += y[j];
        loss += (double)y[j] * (log_sum + ((double)top - (double)z[j]));
    }
    if (dz != NULL) {
        FN(row_exp)(z, c, top, dz);
        for (int64_t j = 0; j < c; j++) dz[j] = (dz[j] / sum * mass - y[j]) * scale;
    }
    return loss;
}

static void FN(softmax_cross_entropy)(int64_t n, int64_t c, const void *z, const int64_t *labels,
                                      const void *targets, void *dz, double *losses) {
    REAL scale = (REAL)(1.0 / (double)n);
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = (const REAL *)z + i * c;
        REAL *drow = (REAL *)dz + i * c;
        losses[i] = labels != NULL
                        ? FN(sparse_crossentropy_row)(c, row, labels[i], scale, drow)
                        : FN(crossentropy_row)(c, row, (const REAL *)targets + i * c, scale, drow);
    }
}
