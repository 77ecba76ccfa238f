/* Forward only: predictions, and losses summed over samples in their order, so that neither the
 * size of the blocks that the members work on nor their number can be told from the result. */

enum { FN(BLOCK_ROWS) = 48 };

typedef struct FN(evaluation) {
    const densefit_network *network;
    const densefit_data *data;
    char *private_scratch;
    size_t private_bytes;
    REAL *outputs;
    double *losses, *hits; /* of all samples, or NULL */
    densefit_totals *totals;
} FN(evaluation);

/* A member's layers: the caller's weights, and room for one block of activations. */
static size_t FN(place_evaluation)(const densefit_network *network, int64_t rows, void *memory,
                                   FN(layer) *layers, const REAL ***inputs) {
    arena a = {memory, 0};
    *inputs = take(&a, (size_t)rows * sizeof(REAL *));
    for (int64_t i = 0; i < network->n_stages; i++) {
        const densefit_stage *s = &network->stages[i];
        FN(layer) *l = &layers[i];
        *l = (FN(layer)){.stage = s, .ld = FN(padded)(s->n_out)};
        l->w = FN(row_major)(s->w, s->n_out);
        l->bias = s->b;
        l->out = take(&a, (size_t)(rows * l->ld) * sizeof(REAL));
        l->out_rows = take(&a, (size_t)rows * sizeof(REAL *));
    }
    return a.used;
}

static void FN(forward_block)(const FN(layer) *layers, int64_t n_layers, const REAL **inputs,
                              int64_t rows) {
    const REAL *const *in = inputs;
    FN(span) all = {0, rows};
    for (int64_t i = 0; i < n_layers; i++) {
        const FN(layer) *l = &layers[i];
        if (l->stage->kind == STAGE_DENSE)
            FN(forward_dense)(l, in, all, (FN(span)){0, FN(strips_of)(l->stage->n_out)});
        else if (l->stage->kind == STAGE_ACTIVATION)
            FN(forward_activation)(l, in, all);
        if (l->stage->kind != STAGE_DROPOUT) in = l->out_rows;
    }
    for (int64_t n = 0; n < rows; n++) inputs[n] = in[n];
}

static void FN(finish_sample)(const FN(evaluation) *e, int64_t n, int64_t classes, const REAL *z) {
    const densefit_data *data = e->data;
    int64_t sample = data->order != NULL ? data->order[n] : n;
    if (e->losses != NULL) {
        double weight = FN(weight_of)(data, sample);
        e->losses[n] =
            weight * FN(sample_loss)(data, classes, sample, z, 0, NULL, &e->hits[n]);
        e->hits[n] *= weight;
    }
    if (e->outputs == NULL) return;
    if (e->network->softmax_output)
        FN(softmax_row)(classes, z, e->outputs + n * classes);
    else
        memcpy(e->outputs + n * classes, z, (size_t)classes * sizeof(REAL));
}

static void FN(evaluate_member)(densefit_team *team, int member, void *argument) {
    const FN(evaluation) *e = argument;
    const densefit_network *network = e->network;
    const densefit_data *data = e->data;
    int64_t last = network->n_stages - 1, classes = network->stages[last].n_out;
    int64_t width = network->stages[0].n_in, members = densefit_team_size(team);
    FN(layer) layers[DENSEFIT_MAX_STAGES];
    const REAL **rows;
    int64_t block = smaller(data->n, FN(BLOCK_ROWS));
    FN(place_evaluation)(network, block, e->private_scratch + (size_t)member * e->private_bytes,
                         layers, &rows);
    for (int64_t i = 0; i <= last; i++)
        FN(point_at_rows)(layers[i].out_rows, layers[i].out, layers[i].ld, block);
    for (int64_t first = member * block; first < data->n; first += members * block) {
        int64_t count = smaller(data->n - first, block);
        for (int64_t n = 0; n < count; n++) {
            int64_t sample = data->order != NULL ? data->order[first + n] : first + n;
            rows[n] = (const REAL *)data->x + sample * width;
        }
        FN(forward_block)(layers, last + 1, rows, count);
        for (int64_t n = 0; n < count; n++) FN(finish_sample)(e, first + n, classes, rows[n]);
    }
}

static size_t FN(place_shared)(const densefit_network *network, int64_t n, int32_t n_threads,
                               void *workspace, FN(evaluation) *e) {
    arena a = {workspace, 0};
    FN(layer) layers[DENSEFIT_MAX_STAGES];
    const REAL **inputs;
    e->losses = take(&a, (size_t)n * sizeof(double));
    e->hits = take(&a, (size_t)n * sizeof(double));
    e->private_bytes = (FN(place_evaluation)(network, smaller(n, FN(BLOCK_ROWS)), NULL, layers,
                                             &inputs) + 63) / 64 * 64;
    e->private_scratch = take(&a, e->private_bytes * (size_t)n_threads);
    return a.used;
}

static size_t FN(evaluate_workspace)(const densefit_network *network, int64_t n,
                                     int32_t n_threads) {
    FN(evaluation) e;
    return FN(place_shared)(network, n, n_threads, NULL, &e);
}

static void FN(evaluate)(const densefit_network *network, const densefit_data *data,
                         int32_t n_threads, void *workspace, void *outputs,
                         densefit_totals *totals) {
    FN(evaluation) e = {.network = network, .data = data, .outputs = outputs, .totals = totals};
    FN(place_shared)(network, data->n, n_threads, workspace, &e);
    if (totals == NULL) e.losses = NULL;
    densefit_team_run(n_threads, FN(evaluate_member), &e);
    if (totals == NULL) return;
    *totals = (densefit_totals){0};
    for (int64_t n = 0; n < data->n; n++) {
        totals->loss += e.losses[n];
        totals->correct += e.hits[n];
        totals->weight += FN(weight_of)(data, data->order != NULL ? data->order[n] : n);
    }
    FN(layer) layer = {0};
    for (int64_t i = 0; i < network->n_stages; i++) {
        layer.stage = &network->stages[i];
        if (layer.stage->kind != STAGE_DENSE) continue;
        layer.w = FN(row_major)(layer.stage->w, layer.stage->n_out);
        if (layer.stage->l1 != 0 || layer.stage->l2 != 0)
            totals->penalty += (double)data->n * FN(penalty_of)(&layer);
    }
}
