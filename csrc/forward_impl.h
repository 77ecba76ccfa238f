/* The stages forward, on some rows (and, of a dense stage, some columns) of a batch. */

/* What a dense stage multiplies: rows, and their nonzeros where they are marked (else NULL). */
typedef struct FN(source) {
    const REAL *const *rows;
    const FN(reader) *readers;
    int compact;
} FN(source);

/* Marks the nonzeros of columns [columns.first, columns.end) of one row of a stage's output. */
static void FN(mark_row)(const FN(layer) *l, int64_t n, span columns) {
    uint64_t *masks = l->masks + n * blocks_of(l->stage->n_out);
    for (int64_t j = columns.first; j < columns.end; j += BLOCK)
        masks[j / BLOCK] =
            FN(nonzero_mask)(l->out + n * l->ld + j, smaller(columns.end - j, BLOCK));
}

/* out = activation(in·w + b); columns.first is a multiple of BLOCK and of PANEL. Where w is not
 * packed, its panels are copied to `copy` first, or read where they stand if `copy` is NULL. */
static void FN(forward_dense)(const FN(layer) *l, FN(source) in, span rows, span columns,
                              REAL *copy) {
    const densefit_stage *stage = l->stage;
    REAL sums[CHUNK_ROWS * PANEL];
    for (int64_t j = columns.first; j < columns.end; j += PANEL) {
        int64_t width = smaller(columns.end - j, PANEL);
        int vectors = (int)((width + VLEN - 1) / VLEN);
        int direct = !l->packed && copy == NULL;
        const REAL *w = l->w.at + j / PANEL * l->w.panel;
        int64_t w_row = l->w.row;
        if (!l->packed && copy != NULL) {
            FN(pack_panel)(copy, PANEL, l->w.at, stage->n_in, l->w.row, j, width);
            w = copy;
            w_row = PANEL;
        }
        for (int64_t first = rows.first; first < rows.end; first += CHUNK_ROWS) {
            int64_t count = smaller(rows.end - first, CHUNK_ROWS);
            if (in.readers != NULL)
                FN(sparse_product)(in.readers + first, in.compact, count, blocks_of(stage->n_in), w,
                                   w_row, vectors, sums);
            else
                FN(dense_product)((FN(left)){in.rows + first, 0, 0}, count, stage->n_in, w, w_row,
                                  width, !direct, sums);
            for (int64_t i = 0; i < count; i++)
                FN(finish_row)(stage->activation, width, sums + i * PANEL,
                               l->bias != NULL ? l->bias + j : NULL,
                               l->out + (first + i) * l->ld + j);
        }
    }
    if (l->masks != NULL)
        for (int64_t n = rows.first; n < rows.end; n++) FN(mark_row)(l, n, columns);
}

static void FN(forward_activation)(const FN(layer) *l, const REAL *const *in_rows, span rows) {
    const densefit_stage *stage = l->stage;
    for (int64_t n = rows.first; n < rows.end; n++) {
        REAL *out = l->out + n * l->ld;
        if (stage->activation == ACTIVATION_SOFTMAX)
            FN(softmax_row)(stage->n_out, in_rows[n], out);
        else if (stage->activation > ACTIVATION_SOFTMAX)
            FN(curve_row)(stage, in_rows[n], NULL, out);
        else
            FN(finish_row)(stage->activation, stage->n_out, in_rows[n], NULL, out);
        if (l->masks != NULL) FN(mark_row)(l, n, (span){0, stage->n_out});
    }
}

/* Multiplies by 1 / (1 - rate) or 0. Element (n, j) is kept where word j mod 4 of the stream's
 * block (j / 4, n, step, stage) is at least rate · 2³². The gradient is multiplied by the same. */
static void FN(apply_dropout)(const densefit_stage *stage, int64_t index, uint64_t seed,
                              uint32_t step, int64_t n, const REAL *in, REAL *out) {
    uint32_t threshold = (uint32_t)(stage->rate * 4294967296.0);
    REAL scale = (REAL)(1.0 / (1.0 - stage->rate));
    for (int64_t j = 0; j < stage->n_out; j += 4) {
        uint32_t words[4] = {(uint32_t)(j / 4), (uint32_t)n, step,
                             RANDOM_DROPOUT + 256u * (uint32_t)index};
        philox4x32(words, seed);
        for (int64_t i = 0; i < 4 && j + i < stage->n_out; i++)
            out[j + i] = words[i] >= threshold ? in[j + i] * scale : 0;
    }
}

/* Adds rate · N(0, 1); the gradient passes unchanged. */
static void FN(add_noise)(const densefit_stage *stage, int64_t index, uint64_t seed, uint32_t step,
                          int64_t n, const REAL *in, REAL *out) {
    double noise[64];
    uint32_t counter[3] = {(uint32_t)n, step, RANDOM_NOISE + 256u * (uint32_t)index};
    for (int64_t j = 0; j < stage->n_out; j += 64) {
        int64_t count = smaller(stage->n_out - j, 64);
        densefit_random_noise(seed, (uint32_t)(j / 2), counter, count, noise);
        for (int64_t i = 0; i < count; i++) out[j + i] = in[j + i] + (REAL)(stage->rate * noise[i]);
    }
}

static void FN(disturb)(const densefit_stage *stage, int64_t index, uint64_t seed, uint32_t step,
                        int64_t n, const REAL *in, REAL *out) {
    if (stage->kind == STAGE_NOISE)
        FN(add_noise)(stage, index, seed, step, n, in, out);
    else
        FN(apply_dropout)(stage, index, seed, step, n, in, out);
}
