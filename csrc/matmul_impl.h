/* The matrix product, one register tile at a time.
 *
 * a. Every element of a result is one chain of fused multiply-adds over the inner index k,
 *    ascending, from +0; vectors run across outputs, never across k. So neither the tile's shape
 *    nor the vector's length nor the thread changes a bit.
 * b. The sum is canonicalised by adding +0: a chain may end in -0 where products underflow, and
 *    whether it does depends on whether terms with a factor of exactly 0 were skipped or added.
 * c. The right-hand matrix is read in strips of STRIP columns; a strip may stand inside a
 *    row-major matrix or be packed, the two strides of `panels` tell.
 */

#ifndef DENSEFIT_MATMUL_COMMON
#define DENSEFIT_MATMUL_COMMON
#if defined(_MSC_VER)
#define ALWAYS_INLINE __forceinline
#define RESTRICT __restrict
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define RESTRICT restrict
#endif
static inline int64_t round_up(int64_t n, int64_t unit) {
    return (n + unit - 1) / unit * unit;
}
static inline int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}
#endif

#undef STRIP
#define STRIP (VLEN * TILE_VECTORS)

/* A matrix in strips: element (k, s·STRIP + j) is p[s·strip + k·row + j]. */
typedef struct FN(panels) {
    REAL *p;
    int64_t strip, row;
} FN(panels);

static inline FN(panels) FN(row_major)(const void *p, int64_t columns) {
    return (FN(panels)){(REAL *)p, STRIP, columns};
}

/* The lanes of one strip of a matrix with `columns` columns. */
typedef struct FN(lanes) {
    int vectors; /* 1 … TILE_VECTORS */
    int part;    /* lanes of the last vector that are columns, or 0 where all of them are */
} FN(lanes);

static inline FN(lanes) FN(lanes_of)(int64_t columns, int64_t strip) {
    int64_t left = smaller(columns - strip * STRIP, STRIP);
    return (FN(lanes)){(int)((left + VLEN - 1) / VLEN), (int)(left % VLEN)};
}

static ALWAYS_INLINE V FN(load_lanes)(const REAL *p, int vector, int vectors, int part) {
    if (part && vector == vectors - 1) return v_load_part(p + vector * VLEN, part);
    return v_load(p + vector * VLEN);
}

static ALWAYS_INLINE void FN(store_lanes)(REAL *p, V a, int vector, int vectors, int part) {
    if (part && vector == vectors - 1)
        v_store_part(p + vector * VLEN, a, part);
    else
        v_store(p + vector * VLEN, a);
}

/* The left-hand matrix: element (i, k) is row[i][k], or, transposed, row[k][i]. */
typedef struct FN(left) {
    const REAL *const *rows;
    int64_t first; /* i of the tile's first row */
    int transposed;
} FN(left);

/* out[i][j] = Σₖ left(i, k)·b(k, j) for a tile; every int is a constant where this is inlined. */
static ALWAYS_INLINE void FN(tile_body)(const int height, const int vectors, const int masked,
                                        const int transposed, FN(left) left, int part,
                                        int64_t depth, const REAL *RESTRICT b, int64_t b_row,
                                        REAL *RESTRICT out) {
    V sum[TILE_ROWS][TILE_VECTORS];
    const REAL *a[TILE_ROWS];
    for (int i = 0; i < height; i++) {
        if (!transposed) a[i] = left.rows[left.first + i];
        for (int v = 0; v < vectors; v++) sum[i][v] = v_set1(0);
    }
    for (int64_t k = 0; k < depth; k++) {
        V right[TILE_VECTORS];
        const REAL *column = transposed ? left.rows[k] + left.first : NULL;
        for (int v = 0; v < vectors; v++)
            right[v] = FN(load_lanes)(b + k * b_row, v, vectors, masked ? part : 0);
        for (int i = 0; i < height; i++) {
            V factor = v_set1(transposed ? column[i] : a[i][k]);
            for (int v = 0; v < vectors; v++) sum[i][v] = v_fma(factor, right[v], sum[i][v]);
        }
    }
    for (int i = 0; i < height; i++)
        for (int v = 0; v < vectors; v++)
            v_store(out + i * STRIP + v * VLEN, v_add(sum[i][v], v_set1(0)));
}

#define TILE_CASE(height, vectors)                                                             \
    case (height) * 16 + (vectors):                                                            \
        if (left.transposed)                                                                   \
            FN(tile_body)(height, vectors, masked, 1, left, part, depth, b, b_row, out);       \
        else                                                                                   \
            FN(tile_body)(height, vectors, masked, 0, left, part, depth, b, b_row, out);       \
        break;

#if TILE_VECTORS == 2
#define TILE_CASES(height) TILE_CASE(height, 1) TILE_CASE(height, 2)
#else
#define TILE_CASES(height) \
    TILE_CASE(height, 1) TILE_CASE(height, 2) TILE_CASE(height, 3) TILE_CASE(height, 4)
#endif

static ALWAYS_INLINE void FN(tile_switch)(const int masked, int height, int vectors,
                                          FN(left) left, int part, int64_t depth, const REAL *b,
                                          int64_t b_row, REAL *out) {
    switch (height * 16 + vectors) {
        TILE_CASES(1)
        TILE_CASES(2)
        TILE_CASES(3)
        TILE_CASES(4)
#if TILE_ROWS > 4
        TILE_CASES(5)
        TILE_CASES(6)
#endif
    }
}

/* One tile, `height` ≤ TILE_ROWS rows of STRIP elements, into out (TILE_ROWS · STRIP). */
static void FN(tile)(int height, FN(lanes) lanes, FN(left) left, int64_t depth, const REAL *b,
                     int64_t b_row, REAL *out) {
    if (lanes.part)
        FN(tile_switch)(1, height, lanes.vectors, left, lanes.part, depth, b, b_row, out);
    else
        FN(tile_switch)(0, height, lanes.vectors, left, 0, depth, b, b_row, out);
}

#undef TILE_CASE
#undef TILE_CASES

/* Rows are cut into tiles of nearly equal height: 8 rows make 4 + 4, not 6 + 2. */
static inline int64_t FN(tiles_of)(int64_t rows) {
    return (rows + TILE_ROWS - 1) / TILE_ROWS;
}
static inline int64_t FN(tile_start)(int64_t rows, int64_t tile) {
    return rows * tile / FN(tiles_of)(rows);
}

/* panel (m, STRIP) = the transpose of rows first … first + STRIP - 1 of w (rows, m), so that a
 * product with wᵀ reads it like any other strip; rows beyond the last are 0. */
static void FN(pack_transposed)(FN(panels) w, int64_t rows, int64_t m, int64_t first,
                                REAL *RESTRICT panel) {
    int64_t count = smaller(rows - first, STRIP);
    for (int64_t s = 0; s * STRIP < m; s++) {
        int64_t width = smaller(m - s * STRIP, STRIP);
        for (int64_t j = 0; j < STRIP; j++) {
            const REAL *from = w.p + s * w.strip + (first + j) * w.row;
            REAL *to = panel + s * STRIP * STRIP + j;
            for (int64_t i = 0; i < width; i++) to[i * STRIP] = j < count ? from[i] : 0;
        }
    }
}
