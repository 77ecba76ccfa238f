/* The dense matrix product, one register tile at a time.
 *
 * a. Every element of a result is one chain of fused multiply-adds over the inner index k,
 *    ascending, from +0; vectors run across outputs, never across k. So neither the tile's shape
 *    nor the vector's length nor the thread changes a bit. A chain may be stored and resumed: that
 *    is exact, so k may be cut into blocks that stay in the nearest cache.
 * b. Whoever uses a sum first adds +0 to it: a chain may end in -0 where products underflow, and
 *    whether it does depends on whether terms with a factor of exactly 0 were skipped or added.
 * c. The right-hand matrix is read in panels of PANEL columns; a panel may stand inside a row-major
 *    matrix or be packed, the two strides of `panels` tell.
 */

#ifndef DENSEFIT_MATMUL_COMMON
#define DENSEFIT_MATMUL_COMMON
#if defined(_MSC_VER)
#define ALWAYS_INLINE __forceinline
#define RESTRICT __restrict
#define PREFETCH(p) ((void)(p))
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define RESTRICT restrict
#define PREFETCH(p) __builtin_prefetch(p, 0, 2)
#endif
static inline int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
/* A block of a panel, DEPTH_BLOCK · PANEL elements, fits the nearest cache beside what it meets. */
enum { CHUNK_ROWS = 48, DEPTH_BLOCK = 96, COPY_ROWS = 8, FAR_COLUMNS = 1024 };
#endif

#undef STRIP
#undef PANEL
#define STRIP (VLEN * TILE_VECTORS)
#define PANEL (VLEN * PANEL_VECTORS)

/* A matrix in panels: element (k, p·PANEL + j) is at[p·panel + k·row + j]. */
typedef struct FN(panels) {
    REAL *at;
    int64_t panel, row;
} FN(panels);

static inline FN(panels) FN(row_major)(const void *at, int64_t columns) {
    return (FN(panels)){(REAL *)at, PANEL, columns};
}

static ALWAYS_INLINE V FN(load_lanes)(const REAL *p, int part) {
    return part ? v_load_part(p, part) : v_load(p);
}

static ALWAYS_INLINE void FN(store_lanes)(REAL *p, V a, int part) {
    if (part)
        v_store_part(p, a, part);
    else
        v_store(p, a);
}

/* Lanes of the vector at column j of n that are columns, or 0 where all of them are. */
static ALWAYS_INLINE int FN(part_at)(int64_t j, int64_t n) {
    return n - j < VLEN ? (int)(n - j) : 0;
}

/* The left-hand matrix: element (i, k) is row[i][k], or, transposed, row[k][i]. */
typedef struct FN(left) {
    const REAL *const *rows;
    int64_t first; /* i of the first row of the result */
    int transposed;
} FN(left);

/* sums[i][j] += Σₖ left(i, k)·b(k, j) for a tile, k from `begin` to `end`, b given from
 * `begin` on; every int is a constant where this is inlined. At begin = 0 the sums start at +0.
 * Unless NULL, copy (·, STRIP) becomes what was read of b. */
static ALWAYS_INLINE void FN(tile_body)(const int height, const int vectors, const int masked,
                                        const int transposed, FN(left) left, int part,
                                        int64_t begin, int64_t end, const REAL *RESTRICT b,
                                        int64_t b_row, REAL *RESTRICT sums, REAL *RESTRICT copy) {
    /* Single variables: compilers keep an array of vectors in memory around the loop. */
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define EACH(i, DO) DO(i, 0) DO(i, 1) DO(i, 2) DO(i, 3)
#define IN(i, v) (i < height && v < vectors)
#define START(i, v) V s##i##v = begin && IN(i, v) ? v_load(sums + i * PANEL + v * VLEN) : v_set1(0);
#define POINT(i)                                                                     \
    const REAL *a##i = transposed || i >= height ? NULL : left.rows[left.first + i]; \
    EACH(i, START)
#define RIGHT(v)                                                                               \
    V right##v = v < vectors                                                                   \
                     ? FN(load_lanes)(right + v * VLEN, masked && v == vectors - 1 ? part : 0) \
                     : v_set1(0);                                                              \
    if (copy != NULL && v < vectors) v_store(copy + (k - begin) * STRIP + v * VLEN, right##v);
#define ADD(i, v) \
    if (IN(i, v)) s##i##v = v_fma(factor, right##v, s##i##v);
#define ADD_ROW(i)                                           \
    if (i < height) {                                        \
        V factor = v_set1(transposed ? column[i] : a##i[k]); \
        EACH(i, ADD)                                         \
    }
#define STORE(i, v) \
    if (IN(i, v)) v_store(sums + i * PANEL + v * VLEN, s##i##v);
#define STORE_ROW(i) EACH(i, STORE)
    EACH_ROW(POINT)
    for (int64_t k = begin; k < end; k++) {
        const REAL *right = b + (k - begin) * b_row;
        const REAL *column = transposed ? left.rows[k] + left.first : NULL;
        RIGHT(0)
        RIGHT(1)
        RIGHT(2)
        RIGHT(3)
        EACH_ROW(ADD_ROW)
    }
    EACH_ROW(STORE_ROW)
#undef EACH_ROW
#undef EACH
#undef IN
#undef START
#undef POINT
#undef RIGHT
#undef ADD
#undef ADD_ROW
#undef STORE
#undef STORE_ROW
}

#define TILE_CASE(height, vectors)                                                            \
    case (height) * 16 + (vectors):                                                           \
        if (left.transposed)                                                                  \
            FN(tile_body)(height, vectors, masked, 1, left, part, begin, end, b, b_row, sums, \
                          NULL);                                                              \
        else                                                                                  \
            FN(tile_body)(height, vectors, masked, 0, left, part, begin, end, b, b_row, sums, \
                          NULL);                                                              \
        break;

#if TILE_VECTORS == 2
#define TILE_CASES(height) TILE_CASE(height, 1) TILE_CASE(height, 2)
#else
#define TILE_CASES(height) \
    TILE_CASE(height, 1) TILE_CASE(height, 2) TILE_CASE(height, 3) TILE_CASE(height, 4)
#endif

static ALWAYS_INLINE void FN(tile_switch)(const int masked, int height, int vectors, FN(left) left,
                                          int part, int64_t begin, int64_t end, const REAL *b,
                                          int64_t b_row, REAL *sums) {
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

#undef TILE_CASE
#undef TILE_CASES

/* Two functions, so that the loads of the common one are not masked. */
static void FN(tile)(int height, int vectors, FN(left) left, int64_t begin, int64_t end,
                     const REAL *b, int64_t b_row, REAL *sums) {
    FN(tile_switch)(0, height, vectors, left, 0, begin, end, b, b_row, sums);
}
static void FN(masked_tile)(int height, int vectors, FN(left) left, int part, int64_t begin,
                            int64_t end, const REAL *b, int64_t b_row, REAL *sums) {
    FN(tile_switch)(1, height, vectors, left, part, begin, end, b, b_row, sums);
}

/* Rows are cut into tiles of nearly equal height: 8 rows make 4 + 4, not 6 + 2. */
static inline int64_t FN(tiles_of)(int64_t rows) { return (rows + TILE_ROWS - 1) / TILE_ROWS; }
static inline int64_t FN(tile_start)(int64_t rows, int64_t tile) {
    return rows * tile / FN(tiles_of)(rows);
}

/* The tiles of a strip from tile `from` on, for one block of the inner index; b is at its begin and
 * sums at the strip. With `part` the last vector of b has so many lanes. */
static ALWAYS_INLINE void FN(strip)(FN(left) left, int64_t rows, int64_t from, int64_t begin,
                                    int64_t end, const REAL *b, int64_t b_row, int vectors,
                                    int part, REAL *sums) {
    for (int64_t t = from; t < FN(tiles_of)(rows); t++) {
        int64_t first = FN(tile_start)(rows, t);
        int height = (int)(FN(tile_start)(rows, t + 1) - first);
        FN(left) tile = {left.rows, left.first + first, left.transposed};
        REAL *to = sums + first * PANEL;
        if (part)
            FN(masked_tile)(height, vectors, tile, part, begin, end, b, b_row, to);
        else
            FN(tile)(height, vectors, tile, begin, end, b, b_row, to);
    }
}

/* The first tile of a whole strip, which copies what it reads for those after it. */
static void FN(copying_tile)(int64_t rows, FN(left) left, int64_t begin, int64_t end, const REAL *b,
                             int64_t b_row, REAL *sums, REAL *copy) {
#define COPYING_CASE(height)                                                                  \
    case height:                                                                              \
        FN(tile_body)(height, TILE_VECTORS, 0, 0, left, 0, begin, end, b, b_row, sums, copy); \
        break;
    switch (FN(tile_start)(rows, 1)) {
        COPYING_CASE(1)
        COPYING_CASE(2)
        COPYING_CASE(3)
        COPYING_CASE(4)
#if TILE_ROWS > 4
        COPYING_CASE(5)
        COPYING_CASE(6)
#endif
    }
#undef COPYING_CASE
}

/* copy (rows, to_row) = `columns` columns of b, filled up with 0 to whole vectors. */
static void FN(copy_columns)(const REAL *b, int64_t b_row, int64_t rows, int64_t columns,
                             REAL *copy, int64_t to_row) {
    for (int64_t k = 0; k < rows; k++)
        for (int64_t j = 0; j < columns; j += VLEN)
            v_store(copy + k * to_row + j,
                    FN(load_lanes)(b + k * b_row + j, FN(part_at)(j, columns)));
}

/* A strip of b that stands in a row-major matrix, where rows a power of two apart would push each
 * other out of the nearest cache. */
static void FN(copied_strip)(FN(left) left, int64_t rows, int64_t begin, int64_t end, const REAL *b,
                             int64_t b_row, int64_t width, REAL *sums) {
    REAL copy[DEPTH_BLOCK * STRIP];
    int copying = width == STRIP && !left.transposed;
    if (copying)
        FN(copying_tile)(rows, left, begin, end, b, b_row, sums, copy);
    else
        FN(copy_columns)(b, b_row, end - begin, width, copy, STRIP);
    FN(strip)(left, rows, copying, begin, end, copy, STRIP, (int)((width + VLEN - 1) / VLEN), 0,
              sums);
}

/* sums (PANEL) = row·b for a whole panel: what a single sample needs, reading b once, row by row.
 */
static void FN(row_product)(const REAL *row, int64_t depth, const REAL *RESTRICT b, int64_t b_row,
                            REAL *sums) {
#define EACH_VECTOR(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define START(v) V s##v = v_set1(0);
#define ADD(v) \
    if (v < PANEL_VECTORS) s##v = v_fma(factor, v_load(b + v * VLEN), s##v);
#define STORE(v) \
    if (v < PANEL_VECTORS) v_store(sums + v * VLEN, s##v);
    EACH_VECTOR(START)
    for (int64_t k = 0; k < depth; k++, b += b_row) {
        V factor = v_set1(row[k]);
        EACH_VECTOR(ADD)
    }
    EACH_VECTOR(STORE)
#undef EACH_VECTOR
#undef START
#undef ADD
#undef STORE
}

/* The block of dense_product from `begin` to `end`, b at its begin. */
static void FN(dense_block)(FN(left) left, int64_t rows, int64_t begin, int64_t end, const REAL *b,
                            int64_t b_row, int64_t columns, int padded, REAL *sums) {
    for (int64_t j = 0; j < columns; j += STRIP) {
        int64_t width = smaller(columns - j, STRIP);
        if (padded || rows < COPY_ROWS)
            FN(strip)(left, rows, 0, begin, end, b + j, b_row, (int)((width + VLEN - 1) / VLEN),
                      padded ? 0 : (int)(width % VLEN), sums + j);
        else
            FN(copied_strip)(left, rows, begin, end, b + j, b_row, width, sums + j);
    }
}

/* sums (rows, PANEL) = left·b for the first `columns` ≤ PANEL columns of a panel. With `padded` b
 * is packed: whole vectors are readable beyond `columns`. Else its strips are copied on the way, or
 * whole blocks where its rows lie far apart, unless there are too few rows for that to pay. */
static void FN(dense_product)(FN(left) left, int64_t rows, int64_t depth, const REAL *b,
                              int64_t b_row, int64_t columns, int padded, REAL *sums) {
    REAL copy[DEPTH_BLOCK * PANEL];
    if (rows == 1 && columns == PANEL && !left.transposed) {
        FN(row_product)(left.rows[left.first], depth, b, b_row, sums);
        return;
    }
    int far = !padded && rows >= COPY_ROWS && b_row > FAR_COLUMNS;
    for (int64_t begin = 0; begin == 0 || begin < depth; begin += DEPTH_BLOCK) {
        int64_t end = smaller(begin + DEPTH_BLOCK, depth);
        const REAL *block = b + begin * b_row;
        if (far) FN(copy_columns)(block, b_row, end - begin, columns, copy, PANEL);
        FN(dense_block)(left, rows, begin, end, far ? copy : block, far ? PANEL : b_row, columns,
                        padded || far, sums);
    }
}

/* panel (m, PANEL) = the transpose of rows first … first + PANEL - 1 of w (rows, m), so that a
 * product with wᵀ reads it like any other panel; rows beyond the last are 0. */
static void FN(pack_transposed)(FN(panels) w, int64_t rows, int64_t m, int64_t first,
                                REAL *RESTRICT panel) {
    int64_t count = smaller(rows - first, PANEL);
    for (int64_t p = 0; p * PANEL < m; p++) {
        int64_t width = smaller(m - p * PANEL, PANEL);
        REAL *to = panel + p * PANEL * PANEL;
        const REAL *from = w.at + p * w.panel + first * w.row;
        int64_t i = 0;
#ifdef v_transpose
        for (; i + TRANSPOSED <= width; i += TRANSPOSED) {
            int64_t j = 0;
            for (; j + TRANSPOSED <= count; j += TRANSPOSED)
                v_transpose(from + j * w.row + i, w.row, to + i * PANEL + j, PANEL);
            for (; j < PANEL; j++)
                for (int l = 0; l < TRANSPOSED; l++)
                    to[(i + l) * PANEL + j] = j < count ? from[j * w.row + i + l] : 0;
        }
#endif
        for (; i < width; i++)
            for (int64_t j = 0; j < PANEL; j++)
                to[i * PANEL + j] = j < count ? from[j * w.row + i] : 0;
    }
}
