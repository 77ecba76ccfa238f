/* Dense layers on whole matrices: what functional.py calls. */

/* Pointers to rows that lie `ld` elements apart. */
static inline void FN(point_at_rows)(const REAL **rows, const REAL *first, int64_t ld,
                                     int64_t count) {
    for (int64_t i = 0; i < count; i++) rows[i] = first + i * ld;
}

static void FN(dense_forward)(int64_t n, int64_t d, int64_t m, const void *x, const void *w,
                              const void *b, void *z) {
    REAL sums[CHUNK_ROWS * PANEL];
    const REAL *rows[CHUNK_ROWS];
    for (int64_t j = 0; j < m; j += PANEL) {
        int64_t columns = smaller(m - j, PANEL);
        for (int64_t first = 0; first < n; first += CHUNK_ROWS) {
            int64_t count = smaller(n - first, CHUNK_ROWS);
            FN(point_at_rows)(rows, (const REAL *)x + first * d, d, count);
            FN(dense_product)((FN(left)){rows, 0, 0}, count, d, (const REAL *)w + j, m, columns, 0,
                              sums);
            for (int64_t i = 0; i < count; i++)
                FN(finish_row)(ACTIVATION_LINEAR, columns, sums + i * PANEL,
                               b != NULL ? (const REAL *)b + j : NULL,
                               (REAL *)z + (first + i) * m + j);
        }
    }
}

/* dx (n, d) = dz·wᵀ, a panel of columns of dx at a time. */
static void FN(dense_dx)(int64_t n, int64_t d, int64_t m, const REAL *dz, const REAL *w, REAL *dx,
                         REAL *panel) {
    REAL sums[CHUNK_ROWS * PANEL];
    const REAL *rows[CHUNK_ROWS];
    for (int64_t j = 0; j < d; j += PANEL) {
        int64_t columns = smaller(d - j, PANEL);
        FN(pack_transposed)(FN(row_major)(w, m), d, m, j, panel);
        for (int64_t first = 0; first < n; first += CHUNK_ROWS) {
            int64_t count = smaller(n - first, CHUNK_ROWS);
            FN(point_at_rows)(rows, dz + first * m, m, count);
            FN(dense_product)((FN(left)){rows, 0, 0}, count, m, panel, PANEL, columns, 1, sums);
            for (int64_t i = 0; i < count; i++)
                FN(finish_row)(ACTIVATION_LINEAR, columns, sums + i * PANEL, NULL,
                               dx + (first + i) * d + j);
        }
    }
}

/* dw (d, m) = xᵀ·dz; `rows` points at the n rows of x. */
static void FN(dense_dw)(int64_t n, int64_t d, int64_t m, const REAL *dz, const REAL *const *rows,
                         REAL *dw) {
    REAL sums[CHUNK_ROWS * PANEL];
    for (int64_t j = 0; j < m; j += PANEL) {
        int64_t columns = smaller(m - j, PANEL);
        for (int64_t first = 0; first < d; first += CHUNK_ROWS) {
            int64_t count = smaller(d - first, CHUNK_ROWS);
            FN(dense_product)((FN(left)){rows, first, 1}, count, n, dz + j, m, columns, 0, sums);
            for (int64_t i = 0; i < count; i++)
                FN(finish_row)(ACTIVATION_LINEAR, columns, sums + i * PANEL, NULL,
                               dw + (first + i) * m + j);
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
    return (size_t)(round_up(m, PANEL) * PANEL) * sizeof(REAL) + (size_t)n * sizeof(REAL *);
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
        int part = FN(part_at)(i, n);
        V step = v_fma(v_set1(-rate), FN(load_lanes)(g + i, part), FN(load_lanes)(p + i, part));
        FN(store_lanes)(o + i, step, part);
    }
}
