/* The same product where the left-hand matrix has many zeros: images, and what ReLU lets through.
 *
 * a. A term with a factor of exactly 0 leaves a chain as it is, as long as the other factor is
 *    finite: fma(0, w, acc) = acc. So zeros are skipped and no bit changes (the sign of a sum of 0
 *    is settled by matmul_impl.h, b). Whoever calls this knows that the right-hand matrix is
 *    finite.
 * b. A row is marked by blocks of BLOCK columns: bit j of a block's mask is set where its column j
 *    is not 0. A block of the right-hand matrix stays in the nearest cache while all rows pass
 *    over it.
 */

#ifndef DENSEFIT_SPARSE_COMMON
#define DENSEFIT_SPARSE_COMMON
#if defined(_MSC_VER)
#include <intrin.h>
#endif

enum { BLOCK = 64, LINE = 64 };

static inline int64_t blocks_of(int64_t columns) { return (columns + BLOCK - 1) / BLOCK; }

/* The place of the lowest bit of a mask that is not 0. */
static inline int lowest_bit(uint64_t mask) {
#if defined(_MSC_VER)
    unsigned long place;
    _BitScanForward64(&place, mask);
    return (int)place;
#else
    return __builtin_ctzll(mask);
#endif
}

static inline int count_bits(uint64_t mask) {
#if defined(_MSC_VER)
    int count = 0;
    for (; mask != 0; mask &= mask - 1) count++;
    return count;
#else
    return __builtin_popcountll(mask);
#endif
}

/* Bit j of bits[i] and bit i of bits[j] change places, i, j < 64: halves, then halves of halves. */
static inline void transpose_bits(uint64_t *bits) {
    uint64_t low = 0x00000000ffffffffu;
    for (int size = 32; size > 0; size /= 2, low ^= low << size)
        for (int block = 0; block < 64; block += 2 * size)
            for (int i = block; i < block + size; i++) {
                uint64_t moved = (bits[i] >> size ^ bits[i + size]) & low;
                bits[i] ^= moved << size;
                bits[i + size] ^= moved;
            }
}

#endif

/* Bit j is set where row[j] is not 0 (NaN counts), j < n ≤ BLOCK. */
static inline uint64_t FN(nonzero_mask)(const REAL *row, int64_t n) {
    uint64_t mask = 0;
    int64_t j = 0;
    for (; j + VLEN <= n; j += VLEN) mask |= (uint64_t)v_nonzero_bits(v_load(row + j)) << j;
    for (; j < n; j++) mask |= (uint64_t)(row[j] != 0) << j;
    return mask;
}

/* Vectors are single variables: compilers keep an array of vectors in memory around the loop. */
#define EACH_VECTOR(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

/* sums (vectors) += Σ over the bits of mask of value · row of b; every int is a constant where
 * inlined. The values lie at their bits' places or, compact, one after the other. */
static ALWAYS_INLINE void FN(add_marked)(const int vectors, const int compact, uint64_t mask,
                                         const REAL *values, const REAL *RESTRICT b, int64_t b_row,
                                         REAL *RESTRICT sums) {
#define LOAD(v) V s##v = v < vectors ? v_load(sums + v * VLEN) : v_set1(0);
#define ADD(v) \
    if (v < vectors) s##v = v_fma(factor, v_load(right + v * VLEN), s##v);
#define STORE(v) \
    if (v < vectors) v_store(sums + v * VLEN, s##v);
    EACH_VECTOR(LOAD)
    for (; mask != 0; mask &= mask - 1) {
        int place = lowest_bit(mask);
        const REAL *right = b + place * b_row;
        V factor = v_set1(compact ? *values++ : values[place]);
        EACH_VECTOR(ADD)
    }
    EACH_VECTOR(STORE)
#undef LOAD
#undef ADD
#undef STORE
}

/* Calls `body` with the number of vectors, and whether lists are compact, as constants. */
#define VECTORS_CASE(body, n, ...)       \
    case n:                              \
        if (compact)                     \
            FN(body)(n, 1, __VA_ARGS__); \
        else                             \
            FN(body)(n, 0, __VA_ARGS__); \
        break;
#define WITH_VECTORS(body, ...)            \
    switch (vectors) {                     \
        VECTORS_CASE(body, 1, __VA_ARGS__) \
        VECTORS_CASE(body, 2, __VA_ARGS__) \
        VECTORS_CASE(body, 3, __VA_ARGS__) \
        VECTORS_CASE(body, 4, __VA_ARGS__) \
        VECTORS_CASE(body, 5, __VA_ARGS__) \
        VECTORS_CASE(body, 6, __VA_ARGS__) \
        VECTORS_CASE(body, 7, __VA_ARGS__) \
        VECTORS_CASE(body, 8, __VA_ARGS__) \
    }

/* The marks of a whole matrix, and where its values are: in its rows or, compact, those of row n,
 * without the zeros, from values[starts[n]] on. */
typedef struct FN(marks) {
    const uint64_t *masks; /* (rows, blocks) */
    const int64_t *starts; /* NULL where the values are not compact */
    const REAL *values;
    int64_t blocks;
} FN(marks);

/* Where the reading of one row stands: its masks, and the values of some block. */
typedef struct FN(reader) {
    const uint64_t *masks;
    const REAL *values;
} FN(reader);

static inline void FN(pass_block)(FN(reader) *r, int64_t block, int compact) {
    r->values += compact ? count_bits(r->masks[block]) : BLOCK;
}

static inline FN(reader) FN(read_compact)(const FN(marks) *m, int64_t row) {
    return (FN(reader)){m->masks + row * m->blocks, m->values + m->starts[row]};
}

static inline FN(reader) FN(read_row)(const FN(marks) *m, int64_t row, const REAL *values) {
    return (FN(reader)){m->masks + row * m->blocks, values};
}

/* Asks for the values of a row that will be read soon. */
static inline void FN(prefetch_compact)(const FN(marks) *m, int64_t row) {
    const uint64_t *masks = m->masks + row * m->blocks;
    for (int64_t i = 0; i < m->blocks; i += LINE / 8) PREFETCH(masks + i);
    PREFETCH(masks + m->blocks - 1);
    for (int64_t i = m->starts[row]; i < m->starts[row + 1]; i += LINE / (int64_t)sizeof(REAL))
        PREFETCH(m->values + i);
}

static ALWAYS_INLINE void FN(sparse_product_body)(const int vectors, const int compact,
                                                  FN(reader) *at, int64_t rows, int64_t blocks,
                                                  const REAL *b, int64_t b_row, REAL *sums) {
    for (int64_t p = 0; p < blocks; p++, b += BLOCK * b_row)
        for (int64_t i = 0; i < rows; i++) {
            FN(add_marked)(vectors, compact, at[i].masks[p], at[i].values, b, b_row,
                           sums + i * PANEL);
            FN(pass_block)(&at[i], p, compact);
        }
}

/* sums (rows ≤ CHUNK_ROWS, PANEL) = left·b, the rows of left told by readers at block 0. */
static void FN(sparse_product)(const FN(reader) *readers, int compact, int64_t rows, int64_t blocks,
                               const REAL *b, int64_t b_row, int vectors, REAL *sums) {
    FN(reader) at[CHUNK_ROWS];
    memcpy(at, readers, (size_t)rows * sizeof *at);
    memset(sums, 0, (size_t)(rows * PANEL) * sizeof(REAL));
    WITH_VECTORS(sparse_product_body, at, rows, blocks, b, b_row, sums)
}

/* One block of columns turned over: for each column the samples where it is not 0, in groups of
 * SAMPLE_GROUP whose rows of the right-hand matrix stay in cache. */
enum { FN(SAMPLE_GROUP) = 256 / sizeof(REAL) };

typedef struct FN(turned) {
    uint64_t samples[BLOCK]; /* bit n: sample n of the group */
    REAL value[BLOCK][FN(SAMPLE_GROUP)];
} FN(turned);

/* Turns block `block` over, passing the readers of all samples on to the next. */
static void FN(turn_block)(FN(reader) *at, int compact, int64_t samples, int64_t block,
                           FN(turned) *groups) {
    for (int64_t first = 0; first < samples; first += FN(SAMPLE_GROUP), groups++) {
        int64_t count = smaller(samples - first, FN(SAMPLE_GROUP));
        memset(groups->samples + count, 0, (size_t)(BLOCK - count) * sizeof(uint64_t));
        for (int64_t n = 0; n < count; n++) {
            FN(reader) *r = &at[first + n];
            const REAL *value = r->values;
            groups->samples[n] = r->masks[block];
            for (uint64_t mask = r->masks[block]; mask != 0; mask &= mask - 1) {
                int k = lowest_bit(mask);
                groups->value[k][n] = compact ? *value++ : value[k];
            }
            r->values = compact ? value : value + BLOCK;
        }
        transpose_bits(groups->samples);
    }
}

static ALWAYS_INLINE void FN(turned_product_body)(const int vectors, const int compact,
                                                  const FN(turned) *group, int64_t columns,
                                                  const REAL *b, int64_t b_row, REAL *sums) {
    for (int64_t k = 0; k < columns; k++)
        FN(add_marked)(vectors, compact, group->samples[k], group->value[k], b, b_row,
                       sums + k * PANEL);
}

/* sums (columns ≤ BLOCK, PANEL) = leftᵀ·b for one block of left's columns; b (samples, ·). */
static void FN(turned_product)(const FN(turned) *groups, int64_t samples, int64_t columns,
                               const REAL *b, int64_t b_row, int vectors, REAL *sums) {
    const int compact = 0;
    memset(sums, 0, (size_t)(columns * PANEL) * sizeof(REAL));
    for (int64_t first = 0; first < samples; first += FN(SAMPLE_GROUP), groups++)
        WITH_VECTORS(turned_product_body, groups, columns, b + first * b_row, b_row, sums)
}

/* w ← w - rate · Σ over the samples of column k of value · row of b, the sum kept in registers; w's
 * whole vectors are its own. Returns 0 · w added to poison. */
static ALWAYS_INLINE V FN(descend_column_body)(const int vectors, const FN(turned) *groups,
                                               int64_t samples, int64_t k, const REAL *RESTRICT b,
                                               int64_t b_row, REAL rate, REAL *RESTRICT w,
                                               V poison) {
    V odd = v_set1(0), step = v_set1(-rate);
    uint64_t any = 0;
#define START(v) V s##v = v_set1(0);
#define ADD(v) \
    if (v < vectors) s##v = v_fma(factor, v_load(right + v * VLEN), s##v);
#define DESCEND(v)                                                        \
    if (v < vectors) {                                                    \
        s##v = v_fma(step, v_add(s##v, v_set1(0)), v_load(w + v * VLEN)); \
        v_store(w + v * VLEN, s##v);                                      \
        if (v % 2)                                                        \
            odd = v_fma(s##v, v_set1(0), odd);                            \
        else                                                              \
            poison = v_fma(s##v, v_set1(0), poison);                      \
    }
    EACH_VECTOR(START)
    for (int64_t first = 0; first < samples;
         first += FN(SAMPLE_GROUP), groups++, b += FN(SAMPLE_GROUP) *b_row) {
        any |= groups->samples[k];
        for (uint64_t mask = groups->samples[k]; mask != 0; mask &= mask - 1) {
            int n = lowest_bit(mask);
            const REAL *right = b + n * b_row;
            V factor = v_set1(groups->value[k][n]);
            EACH_VECTOR(ADD)
        }
    }
    if (!any) return poison; /* w - rate · 0 is w */
    EACH_VECTOR(DESCEND)
#undef START
#undef ADD
#undef DESCEND
    return v_add(poison, odd);
}

static V FN(descend_column)(const FN(turned) *groups, int64_t samples, int64_t k, const REAL *b,
                            int64_t b_row, int vectors, REAL rate, REAL *w, V poison) {
#define DESCEND_CASE(n) \
    case n: return FN(descend_column_body)(n, groups, samples, k, b, b_row, rate, w, poison);
    switch (vectors) {
        DESCEND_CASE(1)
        DESCEND_CASE(2)
        DESCEND_CASE(3)
        DESCEND_CASE(4)
        DESCEND_CASE(5)
        DESCEND_CASE(6)
        DESCEND_CASE(7)
    default: DESCEND_CASE(8)
    }
#undef DESCEND_CASE
}

#undef EACH_VECTOR
#undef VECTORS_CASE
#undef WITH_VECTORS
