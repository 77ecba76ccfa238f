/* The nonzeros of a training's input: found once, by a team, before the first mini-batch. */

#ifndef DENSEFIT_NONZEROS_COMMON
#define DENSEFIT_NONZEROS_COMMON
enum { SEARCHED_ROWS = 64 }; /* that a member takes at a time */
#endif

typedef struct FN(search) {
    int64_t n, d;
    const REAL *x;
    uint64_t *masks;
    int64_t *starts;
    REAL *values;
} FN(search);

static void FN(mark_rows)(const FN(search) *s, span rows) {
    int64_t blocks = blocks_of(s->d);
    for (int64_t i = rows.first; i < rows.end; i++) {
        int64_t count = 0;
        for (int64_t p = 0; p < blocks; p++) {
            uint64_t mask =
                FN(nonzero_mask)(s->x + i * s->d + p * BLOCK, smaller(s->d - p * BLOCK, BLOCK));
            s->masks[i * blocks + p] = mask;
            count += count_bits(mask);
        }
        s->starts[i + 1] = count; /* until they are summed */
    }
}

static void FN(gather_rows)(const FN(search) *s, span rows) {
    const uint64_t *masks = s->masks + rows.first * blocks_of(s->d);
    for (int64_t i = rows.first; i < rows.end; i++) {
        const REAL *row = s->x + i * s->d;
        REAL *to = s->values + s->starts[i];
        for (int64_t j = 0; j < s->d; j += BLOCK)
            for (uint64_t mask = *masks++; mask != 0; mask &= mask - 1)
                *to++ = row[j + lowest_bit(mask)];
    }
}

static span FN(claim_rows)(densefit_team *team, const FN(search) *s) {
    int64_t first = densefit_claim(team) * SEARCHED_ROWS;
    return (span){smaller(first, s->n), smaller(first + SEARCHED_ROWS, s->n)};
}

static void FN(mark_member)(densefit_team *team, int member, void *argument) {
    (void)member;
    for (span rows; rows = FN(claim_rows)(team, argument), rows.first < rows.end;)
        FN(mark_rows)(argument, rows);
}

static void FN(gather_member)(densefit_team *team, int member, void *argument) {
    (void)member;
    for (span rows; rows = FN(claim_rows)(team, argument), rows.first < rows.end;)
        FN(gather_rows)(argument, rows);
}

static void FN(mark_nonzeros)(int64_t n, int64_t d, const void *x, int n_threads, uint64_t *masks,
                              int64_t *starts) {
    FN(search) s = {n, d, x, masks, starts, NULL};
    starts[0] = 0;
    densefit_team_run(n_threads, FN(mark_member), &s);
    for (int64_t i = 0; i < n; i++) starts[i + 1] += starts[i];
}

static void FN(gather_nonzeros)(int64_t n, int64_t d, const void *x, int n_threads,
                                const uint64_t *masks, const int64_t *starts, void *values) {
    FN(search) s = {n, d, x, (uint64_t *)masks, (int64_t *)starts, values};
    densefit_team_run(n_threads, FN(gather_member), &s);
}
