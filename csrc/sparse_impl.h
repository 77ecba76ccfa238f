/* The same product where the left-hand matrix has many zeros: images, and what ReLU lets through.
 *
 * a. A term with a factor of exactly 0 leaves a chain as it is, as long as the other factor is
 *    finite: fma(0, w, acc) = acc. So zeros are skipped and no bit changes (the sign of a sum of 0
 *    is settled by matmul_impl.h, b). Whoever calls this knows that the right-hand matrix is
 * finite. b. Nonzeros are listed by blocks of BLOCK columns: `index` holds their places within the
 * block, ascending, `counts` how many there are. A block of the right-hand matrix stays in the
 * nearest cache while all rows pass over it.
 */

#ifndef DENSEFIT_SPARSE_COMMON
#define DENSEFIT_SPARSE_COMMON

enum { BLOCK = 64, LINE = 64 };

static inline int64_t blocks_of(int64_t columns) { return (columns + BLOCK - 1) / BLOCK; }

/* Writes the places of the bits of `mask` (and up to 7 bytes more); returns how many. */
static inline int list_bits(uint64_t mask, uint8_t *index) {
    int count = 0;
    for (int byte = 0; mask != 0; byte++, mask >>= 8) {
        uint64_t places = densefit_bytes.places[mask & 255] + 0x0808080808080808u * (unsigned)byte;
        memcpy(index + count, &places, sizeof places);
        count += densefit_bytes.counts[mask & 255];
    }
    return count;
}

#endif

/* The nonzeros of one row within one block. */
typedef struct FN(list) {
    const uint8_t *index;
    const REAL *values; /* the block of the row itself, or only its nonzeros */
    int count;
} FN(list);

/* Bit j is set where row[j] is not 0 (NaN counts), j < n ≤ BLOCK. */
static inline uint64_t FN(nonzero_mask)(const REAL *row, int64_t n) {
    uint64_t mask = 0;
    int64_t j = 0;
    for (; j + VLEN <= n; j += VLEN) mask |= (uint64_t)v_nonzero_bits(v_load(row + j)) << j;
    for (; j < n; j++) mask |= (uint64_t)(row[j] != 0) << j;
    return mask;
}

/* sums (vectors) += Σ over the list of value · row of b; every int is a constant where inlined. The
 * sums are single variables: compilers keep an array of vectors in memory around the loop. */
static ALWAYS_INLINE void FN(add_list)(const int vectors, const int compact, FN(list) list,
                                       const REAL *RESTRICT b, int64_t b_row, REAL *RESTRICT sums) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define LOAD(v) V s##v = v < vectors ? v_load(sums + v * VLEN) : v_set1(0);
#define ADD(v) \
    if (v < vectors) s##v = v_fma(factor, v_load(right + v * VLEN), s##v);
#define STORE(v) \
    if (v < vectors) v_store(sums + v * VLEN, s##v);
    EACH(LOAD)
    for (int t = 0; t < list.count; t++) {
        const REAL *right = b + list.index[t] * b_row;
        V factor = v_set1(list.values[compact ? t : list.index[t]]);
        EACH(ADD)
    }
    EACH(STORE)
#undef EACH
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

/* The lists of a whole matrix: those of row n, block p are
 *   index + n·blocks·BLOCK + p·BLOCK   and the values of the row from p·BLOCK on, or, compact,
 *   index and values from starts[n] + the counts of the blocks before p on. */
typedef struct FN(lists) {
    const uint8_t *index, *counts; /* counts (rows, blocks) */
    const int64_t *starts;         /* NULL where the lists are not compact */
    const REAL *values;            /* of the compact lists */
    int64_t blocks;
} FN(lists);

/* Where the reading of one row's lists stands: at some block. */
typedef struct FN(reader) {
    const uint8_t *index, *counts;
    const REAL *values;
} FN(reader);

static inline FN(list) FN(list_at)(const FN(reader) *r, int64_t block) {
    return (FN(list)){r->index, r->values, r->counts[block]};
}

static inline void FN(pass_block)(FN(reader) *r, int64_t block, int compact) {
    int64_t step = compact ? r->counts[block] : BLOCK;
    r->index += step;
    r->values += step;
}

static inline FN(reader) FN(read_compact)(const FN(lists) *l, int64_t row) {
    return (FN(reader)){l->index + l->starts[row], l->counts + row * l->blocks,
                        l->values + l->starts[row]};
}

/* Asks for the lists of a row that will be read soon. */
static inline void FN(prefetch_compact)(const FN(lists) *l, int64_t row) {
    int64_t first = l->starts[row], end = l->starts[row + 1];
    PREFETCH(l->counts + row * l->blocks);
    for (int64_t i = first; i < end + LINE; i += LINE) PREFETCH(l->index + i);
    for (int64_t i = first; i < end; i += LINE / (int64_t)sizeof(REAL)) PREFETCH(l->values + i);
}

static inline FN(reader) FN(read_row)(const FN(lists) *l, int64_t row, const REAL *values) {
    return (FN(reader)){l->index + row * l->blocks * BLOCK, l->counts + row * l->blocks, values};
}

static ALWAYS_INLINE void FN(sparse_product_body)(const int vectors, const int compact,
                                                  FN(reader) *at, int64_t rows, int64_t blocks,
                                                  const REAL *b, int64_t b_row, REAL *sums) {
    for (int64_t p = 0; p < blocks; p++, b += BLOCK * b_row)
        for (int64_t i = 0; i < rows; i++) {
            FN(add_list)(vectors, compact, FN(list_at)(&at[i], p), b, b_row, sums + i * PANEL);
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

/* The lists of one block of columns, turned over: for each column the samples where it is not 0,
 * ascending, in groups of SAMPLE_GROUP whose rows of the right-hand matrix stay in cache. */
enum { FN(SAMPLE_GROUP) = 256 / sizeof(REAL) };

typedef struct FN(turned) {
    uint8_t sample[BLOCK][FN(SAMPLE_GROUP)]; /* within the group */
    REAL value[BLOCK][FN(SAMPLE_GROUP)];
    uint8_t counts[BLOCK];
} FN(turned);

/* Turns block `block` over, passing the readers of all samples on to the next. */
static void FN(turn_block)(FN(reader) *at, int compact, int64_t samples, int64_t block,
                           FN(turned) *groups) {
    for (int64_t first = 0; first < samples; first += FN(SAMPLE_GROUP), groups++) {
        int64_t count = smaller(samples - first, FN(SAMPLE_GROUP));
        memset(groups->counts, 0, sizeof groups->counts);
        for (int64_t n = 0; n < count; n++) {
            FN(list) list = FN(list_at)(&at[first + n], block);
            for (int t = 0; t < list.count; t++) {
                int k = list.index[t], c = groups->counts[k]++;
                groups->sample[k][c] = (uint8_t)n;
                groups->value[k][c] = list.values[compact ? t : k];
            }
            FN(pass_block)(&at[first + n], block, compact);
        }
    }
}

static ALWAYS_INLINE void FN(turned_product_body)(const int vectors, const int compact,
                                                  const FN(turned) *group, int64_t columns,
                                                  const REAL *b, int64_t b_row, REAL *sums) {
    for (int64_t k = 0; k < columns; k++) {
        FN(list) list = {group->sample[k], group->value[k], group->counts[k]};
        FN(add_list)(vectors, compact, list, b, b_row, sums + k * PANEL);
    }
}

/* sums (columns ≤ BLOCK, PANEL) = leftᵀ·b for one block of left's columns; b (samples, ·). */
static void FN(turned_product)(const FN(turned) *groups, int64_t samples, int64_t columns,
                               const REAL *b, int64_t b_row, int vectors, REAL *sums) {
    const int compact = 1;
    memset(sums, 0, (size_t)(columns * PANEL) * sizeof(REAL));
    for (int64_t first = 0; first < samples; first += FN(SAMPLE_GROUP), groups++)
        WITH_VECTORS(turned_product_body, groups, columns, b + first * b_row, b_row, sums)
}

/* Whether column k is 0 in every sample. */
static int FN(turned_empty)(const FN(turned) *groups, int64_t samples, int64_t k) {
    for (int64_t first = 0; first < samples; first += FN(SAMPLE_GROUP), groups++)
        if (groups->counts[k] != 0) return 0;
    return 1;
}

/* For the input of a training: OUT counts (n, blocks_of(d)); returns their sum. */
static int64_t FN(count_nonzeros)(int64_t n, int64_t d, const void *x, uint8_t *counts) {
    int64_t total = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j += BLOCK) {
            uint8_t places[BLOCK + 8];
            uint64_t mask = FN(nonzero_mask)((const REAL *)x + i * d + j, smaller(d - j, BLOCK));
            total += *counts++ = (uint8_t)list_bits(mask, places);
        }
    return total;
}

/* OUT starts (n + 1,), index and values (the sum of counts, and 8 more of index). */
static void FN(list_nonzeros)(int64_t n, int64_t d, const void *x, int64_t *starts, uint8_t *index,
                              void *values) {
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        starts[i] = at;
        for (int64_t j = 0; j < d; j += BLOCK) {
            const REAL *block = (const REAL *)x + i * d + j;
            int count = list_bits(FN(nonzero_mask)(block, smaller(d - j, BLOCK)), index + at);
            for (int t = 0; t < count; t++) ((REAL *)values)[at + t] = block[index[at + t]];
            at += count;
        }
    }
    starts[n] = at;
}

#undef VECTORS_CASE
#undef WITH_VECTORS
