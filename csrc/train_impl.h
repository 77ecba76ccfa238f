/* The fused epoch: all mini-batches of a call, forward, loss, backward and update, by one team.
 *
 * A step is a fixed sequence of phases with a barrier after each. In a phase a member works on its
 * own rows or its own strips of columns; no two members write the same element, and every element
 * is computed in the same order whoever computes it.
 */

typedef struct FN(run) {
    const densefit_training *training;
    int64_t n_layers;
    FN(layer) layers[DENSEFIT_MAX_STAGES];
    double *losses, *hits; /* of the samples of the batch */
    char *private_scratch; /* one piece per member */
    size_t private_bytes;
    densefit_totals *totals;
} FN(run);

/* One member's view of the current mini-batch. */
typedef struct FN(batch) {
    FN(run) *run;
    densefit_team *team;
    int member, members;
    const REAL **inputs; /* rows of x */
    REAL *panel;
    int64_t start, rows; /* in the order of the call */
    uint32_t step;
    REAL rate;
} FN(batch);

static inline FN(span) FN(share)(const FN(batch) *b, int64_t items) {
    return (FN(span)){part_start(items, b->member, b->members),
                      part_start(items, b->member + 1, b->members)};
}

static inline int64_t FN(sample)(const FN(batch) *b, int64_t n) {
    const int64_t *order = b->run->training->data.order;
    return order != NULL ? order[b->start + n] : b->start + n;
}

static const REAL *const *FN(input_rows)(const FN(batch) *b, int64_t i) {
    return i == 0 ? b->inputs : b->run->layers[i - 1].out_rows;
}

static void FN(point_at_inputs)(FN(batch) *b) {
    int64_t width = b->run->layers[0].stage->n_in;
    for (int64_t n = 0; n < b->rows; n++)
        b->inputs[n] = (const REAL *)b->run->training->data.x + FN(sample)(b, n) * width;
}

static void FN(forward_stage)(const FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    const REAL *const *in = FN(input_rows)(b, i);
    FN(span) all = {0, b->rows}, rows = FN(share)(b, b->rows);
    int64_t strips = FN(strips_of)(l->stage->n_out);
    if (l->stage->kind == STAGE_DENSE && i + 1 < b->run->n_layers && strips >= b->members) {
        FN(forward_dense)(l, in, all, FN(share)(b, strips));
    } else if (l->stage->kind == STAGE_DENSE) {
        FN(forward_dense)(l, in, rows, (FN(span)){0, strips});
    } else if (l->stage->kind == STAGE_ACTIVATION) {
        FN(forward_activation)(l, in, rows);
    } else {
        for (int64_t n = rows.first; n < rows.end; n++)
            FN(apply_dropout)(l->stage, i, b->run->training->seed, b->step, n, in[n],
                              l->out + n * l->ld);
    }
}

static double FN(weight_of)(const densefit_data *data, int64_t sample) {
    return data->weights != NULL ? (double)((const REAL *)data->weights)[sample] : 1.0;
}

/* The loss of one sample whose logits are z; its gradient goes to dz unless NULL. */
static double FN(sample_loss)(const densefit_data *data, int64_t classes, int64_t sample,
                              const REAL *z, REAL scale, REAL *dz, double *hit) {
    int64_t guess = FN(argmax_row)(classes, z);
    if (data->labels != NULL) {
        *hit = guess == data->labels[sample];
        return FN(sparse_crossentropy_row)(classes, z, data->labels[sample], scale, dz);
    }
    const REAL *y = (const REAL *)data->targets + sample * classes;
    *hit = guess == FN(argmax_row)(classes, y);
    return FN(crossentropy_row)(classes, z, y, scale, dz);
}

/* Losses and the gradient of the last stage, for the member's rows. */
static void FN(loss_phase)(const FN(batch) *b) {
    FN(run) *run = b->run;
    const densefit_data *data = &run->training->data;
    const FN(layer) *last = &run->layers[run->n_layers - 1];
    FN(span) rows = FN(share)(b, b->rows);
    int64_t classes = last->stage->n_out;
    for (int64_t n = rows.first; n < rows.end; n++) {
        int64_t sample = FN(sample)(b, n);
        double weight = FN(weight_of)(data, sample);
        const REAL *z = last->out + n * last->ld;
        REAL *dz = last->gradient + n * last->ld;
        run->losses[n] = weight * FN(sample_loss)(data, classes, sample, z,
                                                  (REAL)(weight / (double)b->rows), dz,
                                                  &run->hits[n]);
        run->hits[n] *= weight;
        FN(slope_row)(last->stage->activation, classes, dz, z, dz);
        for (int64_t j = classes; j < last->ld; j++) dz[j] = 0;
    }
}

/* l1·Σ|w| + l2·Σw², each row of w in doubles from left to right, then the rows. */
static double FN(penalty_of)(const FN(layer) *l) {
    const densefit_stage *s = l->stage;
    double absolute = 0, square = 0;
    for (int64_t k = 0; k < s->n_in; k++)
        for (int64_t j = 0; j < s->n_out; j++) {
            double w = (double)l->w.p[j / STRIP * l->w.strip + k * l->w.row + j % STRIP];
            absolute += w < 0 ? -w : w;
            square += w * w;
        }
    return s->l1 * absolute + s->l2 * square;
}

static void FN(add_totals)(const FN(batch) *b) {
    FN(run) *run = b->run;
    densefit_totals *totals = run->totals;
    for (int64_t n = 0; n < b->rows; n++) {
        totals->loss += run->losses[n];
        totals->correct += run->hits[n];
        totals->weight += FN(weight_of)(&run->training->data, FN(sample)(b, n));
    }
    for (int64_t i = 0; i < run->n_layers; i++) {
        const densefit_stage *s = run->layers[i].stage;
        if (s->kind == STAGE_DENSE && (s->l1 != 0 || s->l2 != 0))
            totals->penalty += (double)b->rows * FN(penalty_of)(&run->layers[i]);
    }
}

/* Writes the gradient of stage i - 1, slope included, for some strips of its columns. */
static void FN(dense_input_gradient)(const FN(batch) *b, int64_t i, FN(span) rows, FN(span) strips) {
    const FN(layer) *l = &b->run->layers[i], *below = &b->run->layers[i - 1];
    int64_t m = l->stage->n_out, count = rows.end - rows.first;
    REAL sums[TILE_ROWS * STRIP];
    for (int64_t s = strips.first; s < strips.end; s++) {
        int64_t column = s * STRIP, width = smaller(below->ld - column, STRIP);
        FN(lanes) lanes = {(int)((width + VLEN - 1) / VLEN), 0};
        FN(pack_transposed)(l->w, l->stage->n_in, m, column, b->panel);
        for (int64_t t = 0; t < FN(tiles_of)(count); t++) {
            int64_t first = rows.first + FN(tile_start)(count, t);
            int height = (int)(rows.first + FN(tile_start)(count, t + 1) - first);
            FN(tile)(height, lanes, (FN(left)){l->gradient_rows + first, 0, 0}, m, b->panel, STRIP,
                     sums);
            for (int r = 0; r < height; r++) {
                int64_t at = (first + r) * below->ld + column;
                FN(slope_row)(below->stage->activation, width, sums + r * STRIP, below->out + at,
                              below->gradient + at);
            }
        }
    }
}

/* dz = p ⊙ (d - Σ p·d) of a softmax that is not the output's: sums in doubles, left to right. */
static void FN(softmax_gradient)(int64_t c, const REAL *p, const REAL *d, REAL *dz) {
    double inner = 0;
    for (int64_t j = 0; j < c; j++) inner += (double)p[j] * (double)d[j];
    for (int64_t j = 0; j < c; j++) dz[j] = p[j] * (d[j] - (REAL)inner);
}

static void FN(row_input_gradient)(const FN(batch) *b, int64_t i, FN(span) rows) {
    const FN(layer) *l = &b->run->layers[i], *below = &b->run->layers[i - 1];
    const densefit_stage *stage = l->stage;
    for (int64_t n = rows.first; n < rows.end; n++) {
        const REAL *d = l->gradient + n * l->ld;
        REAL *to = below->gradient + n * below->ld;
        if (stage->kind == STAGE_DROPOUT)
            FN(apply_dropout)(stage, i, b->run->training->seed, b->step, n, d, to);
        else if (stage->activation == ACTIVATION_SOFTMAX)
            FN(softmax_gradient)(stage->n_out, l->out + n * l->ld, d, to);
        else
            memcpy(to, d, (size_t)stage->n_out * sizeof(REAL));
        FN(slope_row)(below->stage->activation, stage->n_out, to, below->out + n * below->ld, to);
        for (int64_t j = stage->n_out; j < below->ld; j++) to[j] = 0;
    }
}

static void FN(input_gradient)(const FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    int64_t strips = FN(strips_of)(l->stage->n_in);
    FN(span) rows = FN(share)(b, b->rows);
    if (l->stage->kind != STAGE_DENSE)
        FN(row_input_gradient)(b, i, rows);
    else if (strips >= b->members)
        FN(dense_input_gradient)(b, i, (FN(span)){0, b->rows}, FN(share)(b, strips));
    else
        FN(dense_input_gradient)(b, i, rows, (FN(span)){0, strips});
}

static FN(update) FN(update_of)(const FN(batch) *b, const densefit_stage *stage) {
    const densefit_optimizer *o = &b->run->training->optimizer;
    return (FN(update)){.kind = o->kind,
                        .rate = b->rate,
                        .momentum = (REAL)o->momentum,
                        .nesterov = o->nesterov != 0,
                        .l1 = stage != NULL ? (REAL)stage->l1 : 0,
                        .l2 = stage != NULL ? (REAL)stage->l2 : 0};
}

/* dw = inᵀ·gradient and the optimizer's step, for some rows and strips of w. */
static void FN(update_weights)(const FN(batch) *b, int64_t i, FN(span) rows, FN(span) strips) {
    const FN(layer) *l = &b->run->layers[i];
    const REAL *const *in = FN(input_rows)(b, i);
    FN(update) update = FN(update_of)(b, l->stage);
    int64_t count = rows.end - rows.first;
    REAL *slots[DENSEFIT_MAX_SLOTS] = {l->slots[0].p, l->slots[1].p};
    REAL sums[TILE_ROWS * STRIP];
    for (int64_t s = strips.first; s < strips.end; s++) {
        int64_t columns = l->packed ? l->ld : l->stage->n_out;
        int64_t width = smaller(columns - s * STRIP, STRIP);
        FN(lanes) lanes = FN(lanes_of)(l->ld, s);
        for (int64_t t = 0; t < FN(tiles_of)(count); t++) {
            int64_t first = rows.first + FN(tile_start)(count, t);
            int height = (int)(rows.first + FN(tile_start)(count, t + 1) - first);
            FN(tile)(height, lanes, (FN(left)){in, first, 1}, b->rows, l->gradient + s * STRIP,
                     l->ld, sums);
            for (int r = 0; r < height; r++)
                FN(update_run)(&update, width, l->w.p, slots,
                               s * l->w.strip + (first + r) * l->w.row, sums + r * STRIP);
        }
    }
}

/* db = Σₙ gradient, samples in ascending order, and the optimizer's step. */
static void FN(update_bias)(const FN(batch) *b, int64_t i, FN(span) strips) {
    const FN(layer) *l = &b->run->layers[i];
    FN(update) update = FN(update_of)(b, NULL);
    for (int64_t column = strips.first * STRIP; column < smaller(strips.end * STRIP, l->ld);
         column += VLEN) {
        REAL sum[VLEN];
        V total = v_set1(0);
        for (int64_t n = 0; n < b->rows; n++)
            total = v_add(total, v_load(l->gradient + n * l->ld + column));
        v_store(sum, total);
        FN(update_run)(&update, VLEN, l->bias, l->bias_slots, column, sum);
    }
}

static void FN(update_stage)(const FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    if (l->stage->kind != STAGE_DENSE) return;
    int64_t strips = FN(strips_of)(l->stage->n_out);
    if (strips >= b->members)
        FN(update_weights)(b, i, (FN(span)){0, l->stage->n_in}, FN(share)(b, strips));
    else
        FN(update_weights)(b, i, FN(share)(b, l->stage->n_in), (FN(span)){0, strips});
    if (l->bias != NULL) FN(update_bias)(b, i, FN(share)(b, strips));
}

static void FN(train_step)(FN(batch) *b) {
    int64_t last = b->run->n_layers - 1;
    FN(point_at_inputs)(b);
    for (int64_t i = 0; i < last; i++) {
        FN(forward_stage)(b, i);
        densefit_barrier(b->team);
    }
    FN(forward_stage)(b, last); /* by rows, and so is the loss: no barrier between them */
    FN(loss_phase)(b);
    densefit_barrier(b->team);
    if (b->member == 0) FN(add_totals)(b);
    if (last > 0) FN(input_gradient)(b, last);
    densefit_barrier(b->team);
    for (int64_t i = last; i >= 0; i--) {
        FN(update_stage)(b, i);
        if (i > 1) FN(input_gradient)(b, i - 1);
        densefit_barrier(b->team);
    }
}

static void FN(train_member)(densefit_team *team, int member, void *argument) {
    FN(run) *run = argument;
    const densefit_training *t = run->training;
    char *scratch = run->private_scratch + (size_t)member * run->private_bytes;
    FN(batch) b = {.run = run, .team = team, .member = member, .members = densefit_team_size(team)};
    b.inputs = (const REAL **)(void *)scratch;
    b.panel = (REAL *)(void *)(scratch + round_up(t->batch_size * (int64_t)sizeof(REAL *), 64));
    for (int64_t i = 0; i < t->n_steps; i++) {
        b.start = i * t->batch_size;
        b.rows = smaller(t->data.n - b.start, t->batch_size);
        b.step = t->first_step + (uint32_t)i;
        b.rate = (REAL)t->learning_rates[i];
        FN(train_step)(&b);
    }
}

static size_t FN(place_run)(const densefit_training *t, void *workspace, FN(run) *run) {
    arena a = {workspace, 0};
    run->training = t;
    run->n_layers = t->network.n_stages;
    FN(place_layers)(&a, &t->network, &t->optimizer, t->batch_size, run->layers);
    run->losses = take(&a, (size_t)t->batch_size * sizeof(double));
    run->hits = take(&a, (size_t)t->batch_size * sizeof(double));
    run->private_bytes = (size_t)(round_up(t->batch_size * (int64_t)sizeof(REAL *), 64) +
                                  round_up(FN(widest_panel)(&t->network) * (int64_t)sizeof(REAL), 64));
    run->private_scratch = take(&a, run->private_bytes * (size_t)t->n_threads);
    return a.used;
}

static size_t FN(train_workspace)(const densefit_training *training) {
    FN(run) run;
    return FN(place_run)(training, NULL, &run);
}

static void FN(train)(const densefit_training *t, void *workspace, densefit_totals *totals) {
    FN(run) run;
    int slots = FN(slot_count)(&t->optimizer);
    FN(place_run)(t, workspace, &run);
    run.totals = totals;
    *totals = (densefit_totals){0};
    for (int64_t i = 0; i < run.n_layers; i++) {
        const FN(layer) *l = &run.layers[i];
        memset(l->out, 0, (size_t)(t->batch_size * l->ld) * sizeof(REAL)); /* the surplus lanes */
        FN(point_at_rows)(l->out_rows, l->out, l->ld, t->batch_size);
        FN(point_at_rows)(l->gradient_rows, l->gradient, l->ld, t->batch_size);
        if (l->stage->kind == STAGE_DENSE) FN(load_parameters)(l, slots);
    }
    densefit_team_run(t->n_threads, FN(train_member), &run);
    for (int64_t i = 0; i < run.n_layers; i++)
        if (run.layers[i].stage->kind == STAGE_DENSE) FN(save_parameters)(&run.layers[i], slots);
}
