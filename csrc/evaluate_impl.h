/* Forward only: predictions, and losses summed over samples in their order, so that neither the
 * size of the blocks that the members work on nor their number can be told from the result.
 *
 * For a few samples (DIRECT_ROWS) the weights are read where they stand; for more they are packed
 * once, by the caller's thread, and zeros are skipped.
 */

#ifndef DENSEFIT_EVALUATE_COMMON
#define DENSEFIT_EVALUATE_COMMON
enum { EVALUATION_ROWS = 2 * CHUNK_ROWS, DIRECT_ROWS = 16 };
#endif

typedef struct FN(evaluation) {
    const densefit_network *network;
    const densefit_data *data;
    FN(layer) layers[DENSEFIT_MAX_STAGES]; /* their weights, which all members share */
    int direct, all_finite;
    char *private_scratch;
    size_t private_bytes;
    REAL *outputs;
    double *scores; /* of all samples, or NULL */
} FN(evaluation);

/* A member's memory: room for one block of samples. */
typedef struct FN(block) {
    FN(layer) layers[DENSEFIT_MAX_STAGES];
    const REAL **rows;
    FN(reader) *readers;
    REAL *panel;
    FN(scorer) scorer;
} FN(block);

static void FN(place_block)(arena *a, const FN(evaluation) *e, FN(block) *block) {
    int64_t rows = smaller(e->data->n, EVALUATION_ROWS);
    block->rows = take(a, rows, sizeof *block->rows);
    block->readers = take(a, rows, sizeof *block->readers);
    block->panel = e->direct ? NULL : take(a, FN(widest_panel)(e->network, 0), sizeof(REAL));
    block->scorer = FN(place_scorer)(a, e->network, e->data, e->scores);
    for (int64_t i = 0; i < e->network->n_stages; i++) {
        block->layers[i] = e->layers[i];
        FN(place_activations)(a, e->network, rows, i, &block->layers[i]);
        if (e->direct) block->layers[i].masks = NULL;
    }
}

static size_t FN(place_evaluation)(const densefit_network *network, const densefit_data *data,
                                   int32_t n_threads, void *workspace, FN(evaluation) *e) {
    arena a = {workspace, 0}, own = {NULL, 0};
    FN(block) block;
    e->network = network;
    e->data = data;
    e->direct = data->n <= DIRECT_ROWS;
    for (int64_t i = 0; i < network->n_stages; i++) {
        const densefit_stage *s = &network->stages[i];
        FN(layer) *l = &e->layers[i];
        *l = (FN(layer)){.stage = s, .ld = FN(row_stride)(s->n_out), .bias = s->b};
        if (s->kind != STAGE_DENSE) continue;
        l->packed = !e->direct && FN(fits_packed)(s);
        l->w = l->packed ? FN(place_panels)(&a, s, s->w) : FN(row_major)(s->w, s->n_out);
    }
    e->scores = take(&a, data->n * (1 + network->n_metrics), sizeof(double));
    FN(place_block)(&own, e, &block);
    e->private_bytes = own.used;
    e->private_scratch = take(&a, n_threads, own.used);
    return a.used;
}

static inline int64_t FN(sample_at)(const densefit_data *data, int64_t n) {
    return data->order != NULL ? data->order[n] : n;
}

/* The input of stage i for the `count` samples from `first` on. */
static FN(source) FN(evaluated_source)(const FN(evaluation) *e, const FN(block) *block, int64_t i,
                                       int64_t first, int64_t count, const REAL *const *rows) {
    const densefit_data *data = e->data;
    int sparse = e->all_finite && e->network->stages[i].n_out >= SPARSE_MIN_COLUMNS;
    const FN(layer) *below = i > 0 ? &block->layers[i - 1] : NULL;
    if (i == 0 && sparse && data->starts != NULL) {
        FN(marks) marks = {data->masks, data->starts, data->values,
                           blocks_of(e->network->stages[0].n_in)};
        for (int64_t n = 0; n < count; n++)
            block->readers[n] = FN(read_compact)(&marks, FN(sample_at)(data, first + n));
        return (FN(source)){rows, block->readers, 1};
    }
    if (i > 0 && sparse && below->masks != NULL && rows == below->out_rows) {
        FN(marks) marks = {below->masks, NULL, NULL, blocks_of(below->stage->n_out)};
        for (int64_t n = 0; n < count; n++) block->readers[n] = FN(read_row)(&marks, n, rows[n]);
        return (FN(source)){rows, block->readers, 0};
    }
    return (FN(source)){rows, NULL, 0};
}

/* Returns the rows of the last stage's output. */
static const REAL *const *FN(forward_block)(const FN(evaluation) *e, const FN(block) *block,
                                            int64_t first, int64_t count) {
    const REAL *const *rows = block->rows;
    for (int64_t i = 0; i < e->network->n_stages; i++) {
        const FN(layer) *l = &block->layers[i];
        if (l->stage->kind >= STAGE_DROPOUT) continue;
        if (l->stage->kind == STAGE_DENSE)
            FN(forward_dense)(l, FN(evaluated_source)(e, block, i, first, count, rows),
                              (span){0, count}, (span){0, l->stage->n_out}, block->panel);
        else
            FN(forward_activation)(l, rows, (span){0, count});
        rows = l->out_rows;
    }
    return rows;
}

static void FN(finish_sample)(const FN(evaluation) *e, const FN(block) *block, int64_t n,
                              const REAL *z) {
    int64_t classes = FN(outputs_of)(e->network);
    if (e->scores != NULL)
        FN(score_sample)(&block->scorer, n, FN(sample_at)(e->data, n), z, 0, NULL);
    if (e->outputs != NULL)
        FN(finish_output)(e->network->output, classes, z, e->outputs + n * classes);
}

static void FN(evaluate_member)(densefit_team *team, int member, void *argument) {
    const FN(evaluation) *e = argument;
    const densefit_data *data = e->data;
    int64_t last = e->network->n_stages - 1;
    int64_t width = e->network->stages[0].n_in, first;
    arena own = {e->private_scratch + (size_t)member * e->private_bytes, 0};
    FN(block) block;
    FN(place_block)(&own, e, &block);
    for (int64_t i = 0; i <= last; i++) {
        const FN(layer) *l = &block.layers[i];
        FN(point_at_rows)(l->out_rows, l->out, l->ld, smaller(data->n, EVALUATION_ROWS));
    }
    while ((first = densefit_claim(team) * EVALUATION_ROWS) < data->n) {
        int64_t count = smaller(data->n - first, EVALUATION_ROWS);
        for (int64_t n = 0; n < count; n++)
            block.rows[n] = (const REAL *)data->x + FN(sample_at)(data, first + n) * width;
        const REAL *const *out = FN(forward_block)(e, &block, first, count);
        for (int64_t n = 0; n < count; n++) FN(finish_sample)(e, &block, first + n, out[n]);
    }
}

static size_t FN(evaluate_workspace)(const densefit_network *network, int64_t n,
                                     int32_t n_threads) {
    FN(evaluation) e;
    densefit_data data = {.n = n};
    return FN(place_evaluation)(network, &data, n_threads, NULL, &e);
}

static void FN(sum_totals)(const FN(evaluation) *e, densefit_totals *totals) {
    const densefit_network *network = e->network;
    *totals = (densefit_totals){0};
    FN(add_scores)(network, e->data->n, e->scores, totals);
    for (int64_t i = 0; i < network->n_stages; i++) {
        const densefit_stage *s = &network->stages[i];
        if (s->kind == STAGE_DENSE && (s->l1 != 0 || s->l2 != 0))
            totals->penalty += (double)e->data->n * FN(penalty_of)(&e->layers[i]);
    }
}

static void FN(evaluate)(const densefit_network *network, const densefit_data *data,
                         int32_t n_threads, void *workspace, void *outputs,
                         densefit_totals *totals) {
    FN(evaluation) e;
    FN(place_evaluation)(network, data, n_threads, workspace, &e);
    e.outputs = outputs;
    e.all_finite = !e.direct && FN(finite_weights)(network);
    if (totals == NULL) e.scores = NULL;
    for (int64_t i = 0; i < network->n_stages; i++) {
        const FN(layer) *l = &e.layers[i];
        if (l->packed) FN(pack)(l->w, l->stage->w, l->stage->n_in, l->stage->n_out);
    }
    densefit_team_run(n_threads, FN(evaluate_member), &e);
    if (totals != NULL) FN(sum_totals)(&e, totals);
}
