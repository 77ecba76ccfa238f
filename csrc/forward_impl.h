/* The stages forward, on some rows (and, of a dense stage, some strips of columns) of a batch. */

typedef struct FN(span) {
    int64_t first, end;
} FN(span);

/* out = activation(in·w + b) */
static void FN(forward_dense)(const FN(layer) *l, const REAL *const *in_rows, FN(span) rows,
                              FN(span) strips) {
    const densefit_stage *stage = l->stage;
    int64_t count = rows.end - rows.first;
    REAL sums[TILE_ROWS * STRIP];
    for (int64_t s = strips.first; s < strips.end; s++) {
        int64_t column = s * STRIP, width = smaller(l->ld - column, STRIP);
        FN(lanes) lanes = FN(lanes_of)(l->packed ? l->ld : stage->n_out, s);
        if (!l->packed) width = smaller(stage->n_out - column, STRIP);
        for (int64_t t = 0; t < FN(tiles_of)(count); t++) {
            int64_t first = rows.first + FN(tile_start)(count, t);
            int height = (int)(rows.first + FN(tile_start)(count, t + 1) - first);
            FN(tile)(height, lanes, (FN(left)){in_rows + first, 0, 0}, stage->n_in,
                     l->w.p + s * l->w.strip, l->w.row, sums);
            for (int i = 0; i < height; i++)
                FN(finish_row)(stage->activation, width, sums + i * STRIP,
                               l->bias != NULL ? l->bias + column : NULL,
                               l->out + (first + i) * l->ld + column);
        }
    }
}

static void FN(forward_activation)(const FN(layer) *l, const REAL *const *in_rows, FN(span) rows) {
    const densefit_stage *stage = l->stage;
    for (int64_t n = rows.first; n < rows.end; n++) {
        REAL *out = l->out + n * l->ld;
        if (stage->activation == ACTIVATION_SOFTMAX)
            FN(softmax_row)(stage->n_out, in_rows[n], out);
        else
            FN(finish_row)(stage->activation, stage->n_out, in_rows[n], NULL, out);
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
