/* Dense layers on whole matrices: what functional.py calls. */

/* Pointers to the rows of a tile. */
static inline void FN(point_at_rows)(const REAL **rows, const REAL *first, int64_t ld,
                                     int64_t count) {
    for (int64_t i = 0; i < count; i++) rows[i] = first + i * ld;
}

static void FN(dense_forward)(int64_t n, int64_t d, int64_t m, const void *x, const void *w,
                              const void *b, void *z) {
    REAL sums[TILE_ROWS * STRIP];
    const REAL *rows[TILE_ROWS];
    for (int64_t s = 0; s * STRIP < m; s++) {
        FN(lanes) lanes = FN(lanes_of)(m, s);
        int64_t width = smaller(m - s * STRIP, STRIP);
        for (int64_t t = 0; t < FN(tiles_of)(n); t++) {
            int64_t first = FN(tile_start)(n, t);
            int height = (int)(FN(tile_start)(n, t + 1) - first);
            FN(point_at_rows)(rows, (const REAL *)x + first * d, d, height);
            FN(tile)(height, lanes, (FN(left)){rows, 0, 0}, d, (const REAL *)w + s * STRIP, m, sums);
            for (int i = 0; i < height; i++)
                FN(finish_row)(ACTIVATION_LINEAR, width, sums + i * STRIP,
                               b != NULL ? (const REAL *)b + s * STRIP : NULL,
                               (REAL *)z + (first + i) * m + s * STRIP);
        }
    }
}

/* dx (n, d) = dz·wᵀ, a strip of columns of dx at a time. */
static void FN(dense_dx)(int64_t n, int64_t d, int64_t m, const REAL *dz, const REAL *w, REAL *dx,
                         REAL *panel) {
    REAL sums[TILE_ROWS * STRIP];
    const REAL *rows[TILE_ROWS];
    for (int64_t s = 0; s * STRIP < d; s++) {
        size_t bytes = (size_t)smaller(d - s * STRIP, STRIP) * sizeof(REAL);
        FN(pack_transposed)(FN(row_major)(w, m), d, m, s * STRIP, panel);
        for (int64_t t = 0; t < FN(tiles_of)(n); t++) {
            int64_t first = FN(tile_start)(n, t);
            int height = (int)(FN(tile_start)(n, t + 1) - first);
            FN(point_at_rows)(rows, dz + first * m, m, height);
            FN(tile)(height, (FN(lanes)){TILE_VECTORS, 0}, (FN(left)){rows, 0, 0}, m, panel, STRIP,
                     sums);
            for (int i = 0; i < height; i++)
                memcpy(dx + (first + i) * d + s * STRIP, sums + i * STRIP, bytes);
        }
    }
}

/* dw (d, m) = xᵀ·dz; `rows` points at the n rows of x. */
static void FN(dense_dw)(int64_t n, int64_t d, int64_t m, const REAL *dz, const REAL *const *rows,
                         REAL *dw) {
    REAL sums[TILE_ROWS * STRIP];
    for (int64_t s = 0; s * STRIP < m; s++) {
        FN(lanes) lanes = FN(lanes_of)(m, s);
        size_t bytes = (size_t)smaller(m - s * STRIP, STRIP) * sizeof(REAL);
        for (int64_t t = 0; t < FN(tiles_of)(d); t++) {
            int64_t first = FN(tile_start)(d, t);
            int height = (int)(FN(tile_start)(d, t + 1) - first);
            FN(tile)(height, lanes, (FN(left)){rows, first, 1}, n, dz + s * STRIP, m, sums);
            for (int i = 0; i < height; i++)
                memcpy(dw + (first + i) * m + s * STRIP, sums + i * STRIP, bytes);
        }
    }
}

/* db = Σₙ dz, samples in ascending order. */
static void FN(dense_db)(int64_t n, int64_t m, const REAL *dz, REAL *db) {
    for (int64_t j = 0; j < m; j++) db[j] = 0;
    for (int64_t k = 0; k < n; k++)
        for (int64_t j = 0; j < m; j++) db[j] += dz[k * m + j];
}

static size_t FN(dense_backward_scratch)(int64_t n, int64_t m) {
    return (size_t)m * STRIP * sizeof(REAL) + (size_t)n * sizeof(REAL *);
}

static void FN(dense_backward)(int64_t n, int64_t d, int64_t m, const void *dz, const void *x,
                               const void *w, void *dx, void *dw, void *db, void *scratch) {
    const REAL **rows = scratch;
    FN(point_at_rows)(rows, x, d, n);
    FN(dense_dx)(n, d, m, dz, w, dx, (REAL *)(void *)(rows + n));
    FN(dense_dw)(n, d, m, dz, rows, dw);
    FN(dense_db)(n, m, dz, db);
}

static void FN(sgd_update)(int64_t n, const void *param, const void *grad, double learning_rate,
                           void *out) {
    const REAL *p = param, *g = grad;
    REAL *o = out, rate = (REAL)learning_rate;
    for (int64_t i = 0; i < n; i += VLEN) {
        int part = n - i < VLEN ? (int)(n - i) : 0;
        V step = v_fma(v_set1(-rate), FN(load_lanes)(g + i, 0, 1, part),
                       FN(load_lanes)(p + i, 0, 1, part));
        FN(store_lanes)(o + i, step, 0, 1, part);
    }
}
