/* The fused epoch: all mini-batches of a call, forward, loss, backward and update, by one team.
 *
 * A step is a fixed sequence of phases with a barrier after each. In a phase a member works on its
 * own rows or its own columns; no two members write the same element, and every element is
 * computed in the same order whoever computes it.
 */

typedef struct FN(run) {
    const densefit_training *training;
    int64_t n_layers;
    FN(layer) layers[DENSEFIT_MAX_STAGES];
    double *scores;        /* of the samples of the batch */
    char *private_scratch; /* one piece per member */
    size_t private_bytes;
    int64_t first_step, end_step;
    volatile int *not_finite; /* per member: it has met a weight or gradient that is not finite */
    densefit_totals *totals;
} FN(run);

/* One member's view of the current mini-batch. */
typedef struct FN(batch) {
    FN(run) *run;
    densefit_team *team;
    int member, members;
    const REAL **inputs; /* rows of x */
    FN(reader) *readers; /* of the rows of a product's left-hand matrix */
    FN(reader) *cursors; /* copies of them that move */
    FN(turned) *turned;
    REAL *panel;
    FN(scorer) scorer;
    int64_t start, rows; /* in the order of the call */
    uint32_t step;
    int all_finite; /* products may skip zeros */
    FN(update) update;
    V poison; /* NaN once a value written was not finite */
} FN(batch);

static inline span FN(share)(const FN(batch) *b, int64_t items, int64_t unit) {
    return share_of(items, unit, b->member, b->members);
}

/* Columns are shared in units that neither cut a panel nor a block of the masks. */
static inline int64_t FN(column_unit)(void) { return PANEL > BLOCK ? PANEL : BLOCK; }

/* Whether a layer's columns can be shared evenly enough; else its rows are. */
static int FN(by_columns)(const FN(batch) *b, int64_t columns) {
    int64_t units = (columns + FN(column_unit)() - 1) / FN(column_unit)();
    return units % b->members == 0 || units >= 4 * b->members;
}

static inline int64_t FN(sample)(const FN(batch) *b, int64_t n) {
    const int64_t *order = b->run->training->data.order;
    return order != NULL ? order[b->start + n] : b->start + n;
}

static FN(marks) FN(marks_of)(const FN(layer) *l) {
    return (FN(marks)){l->masks, NULL, NULL, blocks_of(l->stage->n_out)};
}

static FN(marks) FN(input_marks)(const FN(batch) *b) {
    const densefit_data *data = &b->run->training->data;
    return (FN(marks)){data->masks, data->starts, data->values,
                       blocks_of(b->run->layers[0].stage->n_in)};
}

/* The samples of the next mini-batch lie anywhere in memory: ask for them a step ahead. */
static void FN(prefetch_next)(const FN(batch) *b) {
    const densefit_data *data = &b->run->training->data;
    FN(marks) marks = FN(input_marks)(b);
    int64_t first = b->start + b->rows, end = smaller(first + b->rows, data->n);
    if (data->starts == NULL) return;
    for (int64_t n = first + b->member; n < end; n += b->members)
        FN(prefetch_compact)(&marks, data->order != NULL ? data->order[n] : n);
}

/* What stage i multiplies. With `columns` ≥ SPARSE_MIN_COLUMNS, zeros that are listed are skipped.
 */
static FN(source) FN(input_of)(const FN(batch) *b, int64_t i, int64_t columns) {
    const densefit_data *data = &b->run->training->data;
    int sparse = b->all_finite && columns >= SPARSE_MIN_COLUMNS;
    if (i == 0) {
        FN(marks) marks = FN(input_marks)(b);
        if (data->starts == NULL || !sparse) return (FN(source)){b->inputs, NULL, 0};
        for (int64_t n = 0; n < b->rows; n++)
            b->readers[n] = FN(read_compact)(&marks, FN(sample)(b, n));
        return (FN(source)){b->inputs, b->readers, 1};
    }
    const FN(layer) *below = &b->run->layers[i - 1];
    if (below->masks == NULL || !sparse) return (FN(source)){below->out_rows, NULL, 0};
    FN(marks) marks = FN(marks_of)(below);
    for (int64_t n = 0; n < b->rows; n++)
        b->readers[n] = FN(read_row)(&marks, n, below->out_rows[n]);
    return (FN(source)){below->out_rows, b->readers, 0};
}

static void FN(point_at_inputs)(FN(batch) *b) {
    int64_t width = b->run->layers[0].stage->n_in;
    for (int64_t n = 0; n < b->rows; n++)
        b->inputs[n] = (const REAL *)b->run->training->data.x + FN(sample)(b, n) * width;
}

static void FN(forward_stage)(const FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    const densefit_stage *stage = l->stage;
    span rows = FN(share)(b, b->rows, 1);
    if (stage->kind == STAGE_DENSE) {
        FN(source) in = FN(input_of)(b, i, stage->n_out);
        span columns = {0, stage->n_out};
        if (i + 1 < b->run->n_layers && FN(by_columns)(b, stage->n_out)) {
            rows = (span){0, b->rows};
            columns = FN(share)(b, stage->n_out, FN(column_unit)());
        }
        FN(forward_dense)(l, in, rows, columns, b->panel);
        return;
    }
    const REAL *const *in = i == 0 ? b->inputs : b->run->layers[i - 1].out_rows;
    if (stage->kind == STAGE_ACTIVATION) {
        FN(forward_activation)(l, in, rows);
        return;
    }
    for (int64_t n = rows.first; n < rows.end; n++) {
        FN(disturb)(stage, i, b->run->training->seed, b->step, n, in[n], l->out + n * l->ld);
        if (l->masks != NULL) FN(mark_row)(l, n, (span){0, stage->n_out});
    }
}

/* A gradient has been written: notes whether it is finite, and clears the rest of its vector. */
static void FN(seal_gradient)(FN(batch) *b, REAL *dz, int64_t columns) {
    for (int64_t j = columns; j % VLEN != 0; j++) dz[j] = 0;
    for (int64_t j = 0; j < columns; j += VLEN)
        b->poison = v_fma(v_load(dz + j), v_set1(0), b->poison);
}

/* Losses and the gradient of the last stage, for the member's rows. */
static void FN(loss_phase)(FN(batch) *b) {
    FN(run) *run = b->run;
    const FN(layer) *last = &run->layers[run->n_layers - 1];
    span rows = FN(share)(b, b->rows, 1);
    int64_t classes = last->stage->n_out;
    for (int64_t n = rows.first; n < rows.end; n++) {
        int64_t sample = FN(sample)(b, n);
        double weight = FN(weight_of)(&run->training->data, sample);
        const REAL *z = last->out + n * last->ld;
        REAL *dz = last->gradient + n * last->ld, scale = (REAL)(weight / (double)b->rows);
        FN(score_sample)(&b->scorer, n, sample, z, scale, dz);
        FN(slope_row)(last->stage->activation, classes, dz, z, dz);
        FN(seal_gradient)(b, dz, classes);
    }
}

/* l1·Σ|w| + l2·Σw², each row of w in doubles from left to right, then the rows. */
static double FN(penalty_of)(const FN(layer) *l) {
    const densefit_stage *s = l->stage;
    double absolute = 0, square = 0;
    for (int64_t k = 0; k < s->n_in; k++)
        for (int64_t j = 0; j < s->n_out; j++) {
            double w = (double)l->w.at[j / PANEL * l->w.panel + k * l->w.row + j % PANEL];
            absolute += w < 0 ? -w : w;
            square += w * w;
        }
    return s->l1 * absolute + s->l2 * square;
}

static void FN(add_totals)(const FN(batch) *b) {
    FN(run) *run = b->run;
    densefit_totals *totals = run->totals;
    FN(add_scores)(&run->training->network, b->rows, run->scores, totals);
    for (int64_t i = 0; i < run->n_layers; i++) {
        const densefit_stage *s = run->layers[i].stage;
        if (s->kind == STAGE_DENSE && (s->l1 != 0 || s->l2 != 0))
            totals->penalty += (double)b->rows * FN(penalty_of)(&run->layers[i]);
    }
}

/* The gradient of stage i as the left-hand matrix of a product: where the stage's output is listed
 * and 0, so is its gradient. */
static FN(source) FN(gradient_of)(const FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    if (l->masks == NULL || !b->all_finite) return (FN(source)){l->gradient_rows, NULL, 0};
    FN(marks) marks = FN(marks_of)(l);
    for (int64_t n = 0; n < b->rows; n++)
        b->readers[n] = FN(read_row)(&marks, n, l->gradient_rows[n]);
    return (FN(source)){l->gradient_rows, b->readers, 0};
}

/* Writes the gradient of stage i - 1, slope included, for some rows and columns of it. */
static void FN(dense_input_gradient)(FN(batch) *b, int64_t i, span rows, span columns) {
    const FN(layer) *l = &b->run->layers[i], *below = &b->run->layers[i - 1];
    int64_t m = l->stage->n_out;
    FN(source) d = FN(gradient_of)(b, i);
    REAL sums[CHUNK_ROWS * PANEL];
    for (int64_t j = columns.first; j < columns.end; j += PANEL) {
        int64_t width = smaller(columns.end - j, PANEL);
        FN(pack_transposed)(l->w, l->stage->n_in, m, j, b->panel);
        for (int64_t first = rows.first; first < rows.end; first += CHUNK_ROWS) {
            int64_t count = smaller(rows.end - first, CHUNK_ROWS);
            if (d.readers != NULL)
                FN(sparse_product)(d.readers + first, 0, count, blocks_of(m), b->panel, PANEL,
                                   (int)((width + VLEN - 1) / VLEN), sums);
            else
                FN(dense_product)((FN(left)){d.rows + first, 0, 0}, count, m, b->panel, PANEL,
                                  width, 1, sums);
            for (int64_t r = 0; r < count; r++) {
                int64_t at = (first + r) * below->ld + j;
                FN(slope_row)(below->stage->activation, width, sums + r * PANEL, below->out + at,
                              below->gradient + at);
                FN(seal_gradient)(b, below->gradient + at, width);
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

static void FN(row_input_gradient)(FN(batch) *b, int64_t i, span rows) {
    const FN(layer) *l = &b->run->layers[i], *below = &b->run->layers[i - 1];
    const densefit_stage *stage = l->stage;
    for (int64_t n = rows.first; n < rows.end; n++) {
        const REAL *d = l->gradient + n * l->ld;
        REAL *to = below->gradient + n * below->ld;
        if (stage->kind == STAGE_DROPOUT)
            FN(apply_dropout)(stage, i, b->run->training->seed, b->step, n, d, to);
        else if (stage->activation > ACTIVATION_SOFTMAX)
            FN(curve_row)(stage, below->out + n * below->ld, d, to);
        else if (stage->activation == ACTIVATION_SOFTMAX)
            FN(softmax_gradient)(stage->n_out, l->out + n * l->ld, d, to);
        else
            memcpy(to, d, (size_t)stage->n_out * sizeof(REAL));
        FN(slope_row)(below->stage->activation, stage->n_out, to, below->out + n * below->ld, to);
        FN(seal_gradient)(b, to, stage->n_out);
    }
}

static void FN(input_gradient)(FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    int64_t n_in = l->stage->n_in;
    span rows = FN(share)(b, b->rows, 1);
    if (l->stage->kind != STAGE_DENSE)
        FN(row_input_gradient)(b, i, rows);
    else if (FN(by_columns)(b, n_in))
        FN(dense_input_gradient)(b, i, (span){0, b->rows}, FN(share)(b, n_in, FN(column_unit)()));
    else
        FN(dense_input_gradient)(b, i, rows, (span){0, n_in});
}

/* The optimizer's step for `count` rows of w from `first` on, in the panel at `column`. */
static void FN(apply_update)(FN(batch) *b, const FN(layer) *l, const FN(update) *update,
                             int64_t first, int64_t count, int64_t column, int64_t width,
                             const REAL *sums) {
    REAL *slots[DENSEFIT_MAX_SLOTS] = {l->slots[0].at, l->slots[1].at};
    FN(rows) rows = {.w = l->w.at,
                     .slots = slots,
                     .count = count,
                     .n = width,
                     .offset = column / PANEL * l->w.panel + first * l->w.row,
                     .row = l->w.row,
                     .grad_row = PANEL,
                     .grad = sums};
    b->poison = FN(update_rows)(b->run->training->optimizer.kind, update, &rows, b->poison);
}

/* Width up to which a packed layer's rows are updated in whole vectors. */
static int64_t FN(update_width)(const FN(layer) *l, int64_t column, int64_t end) {
    int64_t width = smaller(end - column, PANEL);
    return l->packed ? round_up(width, VLEN) : width;
}

static void FN(update_dense)(FN(batch) *b, int64_t i, const FN(update) *update, span rows,
                             span columns) {
    const FN(layer) *l = &b->run->layers[i];
    const REAL *const *in = i == 0 ? b->inputs : b->run->layers[i - 1].out_rows;
    REAL sums[CHUNK_ROWS * PANEL];
    for (int64_t j = columns.first; j < columns.end; j += PANEL)
        for (int64_t first = rows.first; first < rows.end; first += CHUNK_ROWS) {
            int64_t count = smaller(rows.end - first, CHUNK_ROWS);
            FN(dense_product)((FN(left)){in, first, 1}, count, b->rows, l->gradient + j, l->ld,
                              smaller(columns.end - j, PANEL), 1, sums);
            FN(apply_update)(b, l, update, first, count, j, FN(update_width)(l, j, columns.end),
                             sums);
        }
}

/* Plain SGD on a block of rows of w: the gradient never leaves the registers. Two panels are
 * served by one list before the next, for how long a list is costs the processor a wrong guess. */
static void FN(descend_block)(FN(batch) *b, const FN(layer) *l, REAL rate, int64_t first,
                              int64_t count, span columns) {
    for (int64_t j = columns.first; j < columns.end; j += 2 * PANEL)
        for (int64_t k = 0; k < count; k++)
            for (int64_t at = j; at < smaller(j + 2 * PANEL, columns.end); at += PANEL) {
                int64_t width = smaller(columns.end - at, PANEL);
                REAL *w = l->w.at + at / PANEL * l->w.panel + (first + k) * l->w.row;
                b->poison =
                    FN(descend_column)(b->turned, b->rows, k, l->gradient + at, l->ld,
                                       (int)((width + VLEN - 1) / VLEN), rate, w, b->poison);
            }
}

static void FN(update_block)(FN(batch) *b, const FN(layer) *l, const FN(update) *update,
                             int64_t first, int64_t count, span columns) {
    REAL sums[BLOCK * PANEL];
    for (int64_t j = columns.first; j < columns.end; j += PANEL) {
        int64_t width = smaller(columns.end - j, PANEL);
        FN(turned_product)(b->turned, b->rows, count, l->gradient + j, l->ld,
                           (int)((width + VLEN - 1) / VLEN), sums);
        FN(apply_update)(b, l, update, first, count, j, FN(update_width)(l, j, columns.end), sums);
    }
}

static void FN(update_sparse)(FN(batch) *b, int64_t i, const FN(update) *update, FN(source) in,
                              span rows, span columns) {
    const FN(layer) *l = &b->run->layers[i];
    int whole = l->packed || l->stage->n_out % VLEN == 0;
    int plain =
        b->run->training->optimizer.kind == OPTIMIZER_SGD && update->l1 == 0 && update->l2 == 0;
    memcpy(b->cursors, in.readers, (size_t)b->rows * sizeof *b->cursors);
    for (int64_t p = 0; p * BLOCK < rows.first; p++)
        for (int64_t n = 0; n < b->rows; n++) FN(pass_block)(&b->cursors[n], p, in.compact);
    for (int64_t first = rows.first; first < rows.end; first += BLOCK) {
        int64_t count = smaller(rows.end - first, BLOCK);
        FN(turn_block)(b->cursors, in.compact, b->rows, first / BLOCK, b->turned);
        if (plain && whole)
            FN(descend_block)(b, l, update->rate, first, count, columns);
        else
            FN(update_block)(b, l, update, first, count, columns);
    }
}

/* dw = inᵀ·gradient and the optimizer's step, for some rows and columns of w. */
static void FN(update_weights)(FN(batch) *b, int64_t i, span rows, span columns) {
    const densefit_stage *stage = b->run->layers[i].stage;
    FN(update) update = b->update;
    FN(source) in = FN(input_of)(b, i, stage->n_out);
    update.l1 = (REAL)stage->l1;
    update.l2 = (REAL)stage->l2;
    if (in.readers != NULL)
        FN(update_sparse)(b, i, &update, in, rows, columns);
    else
        FN(update_dense)(b, i, &update, rows, columns);
}

/* db = Σₙ gradient, samples in ascending order, and the optimizer's step. */
static void FN(update_bias)(FN(batch) *b, int64_t i, span columns) {
    const FN(layer) *l = &b->run->layers[i];
    REAL sum[VLEN];
    FN(rows) rows = {.w = l->bias, .slots = l->bias_slots, .count = 1, .n = VLEN, .grad = sum};
    for (int64_t j = columns.first; j < columns.end; j += VLEN) {
        V total = v_set1(0);
        for (int64_t n = 0; n < b->rows; n++)
            total = v_add(total, v_load(l->gradient + n * l->ld + j));
        v_store(sum, total);
        rows.offset = j;
        b->poison = FN(update_rows)(b->run->training->optimizer.kind, &b->update, &rows, b->poison);
    }
}

static void FN(update_stage)(FN(batch) *b, int64_t i) {
    const FN(layer) *l = &b->run->layers[i];
    const densefit_stage *stage = l->stage;
    if (stage->kind != STAGE_DENSE) return;
    span rows = {0, stage->n_in}, columns = {0, stage->n_out};
    if (FN(by_columns)(b, stage->n_out))
        columns = FN(share)(b, stage->n_out, FN(column_unit)());
    else
        rows = FN(share)(b, stage->n_in, BLOCK);
    FN(update_weights)(b, i, rows, columns);
    if (l->bias != NULL) FN(update_bias)(b, i, FN(share)(b, stage->n_out, FN(column_unit)()));
}

/* After a barrier: has any member met something not finite? Then zeros are no longer skipped. */
static void FN(agree_on_finiteness)(FN(batch) *b) {
    for (int m = 0; m < b->run->training->n_threads; m++)
        if (b->run->not_finite[m]) b->all_finite = 0;
}

static void FN(end_phase)(FN(batch) *b) {
    REAL lanes[VLEN];
    v_store(lanes, b->poison);
    for (int l = 0; l < VLEN; l++)
        if (lanes[l] != 0) b->run->not_finite[b->member] = 1;
    densefit_barrier(b->team);
    FN(agree_on_finiteness)(b);
}

static void FN(train_step)(FN(batch) *b) {
    int64_t last = b->run->n_layers - 1;
    FN(point_at_inputs)(b);
    FN(prefetch_next)(b);
    for (int64_t i = 0; i < last; i++) {
        FN(forward_stage)(b, i);
        FN(end_phase)(b);
    }
    FN(forward_stage)(b, last); /* by rows, and so is the loss: no barrier between them */
    FN(loss_phase)(b);
    FN(end_phase)(b);
    if (b->member == 0) FN(add_totals)(b);
    if (last > 0) {
        FN(input_gradient)(b, last);
        FN(end_phase)(b);
    }
    for (int64_t i = last; i >= 0; i--) {
        FN(update_stage)(b, i);
        if (i == 1) continue; /* its update and the first stage's touch nothing in common */
        if (i > 1) FN(input_gradient)(b, i - 1);
        FN(end_phase)(b);
    }
}

static void FN(place_private)(arena *a, const densefit_training *t, FN(batch) *b) {
    int64_t groups = (t->batch_size + FN(SAMPLE_GROUP) - 1) / FN(SAMPLE_GROUP);
    b->inputs = take(a, t->batch_size, sizeof *b->inputs);
    b->readers = take(a, t->batch_size, sizeof *b->readers);
    b->cursors = take(a, t->batch_size, sizeof *b->cursors);
    b->turned = take(a, groups, sizeof *b->turned);
    b->panel = take(a, FN(widest_panel)(&t->network, 1), sizeof(REAL));
    b->scorer = FN(place_scorer)(a, &t->network, &t->data, b->run->scores);
}

static void FN(train_member)(densefit_team *team, int member, void *argument) {
    FN(run) *run = argument;
    const densefit_training *t = run->training;
    arena own = {run->private_scratch + (size_t)member * run->private_bytes, 0};
    FN(batch) b = {.run = run, .team = team, .member = member, .poison = v_set1(0)};
    b.members = densefit_team_size(team);
    b.all_finite = 1;
    FN(agree_on_finiteness)(&b);
    FN(place_private)(&own, t, &b);
    for (int64_t i = run->first_step; i < run->end_step; i++) {
        b.start = i * t->batch_size;
        b.rows = smaller(t->data.n - b.start, t->batch_size);
        b.step = t->first_step + (uint32_t)i;
        b.update =
            FN(update_at)(&t->optimizer, t->learning_rates[i], t->first_update + (uint64_t)i + 1);
        FN(train_step)(&b);
    }
}

static size_t FN(place_run)(const densefit_training *t, void *workspace, FN(run) *run) {
    arena a = {workspace, 0}, own = {NULL, 0};
    FN(batch) member = {.run = run};
    run->training = t;
    run->n_layers = t->network.n_stages;
    FN(place_layers)(&a, &t->network, FN(slot_count)(&t->optimizer), t->batch_size, run->layers);
    run->scores = take(&a, t->batch_size * (1 + t->network.n_metrics), sizeof(double));
    run->not_finite = (volatile int *)take(&a, t->n_threads, sizeof(int));
    FN(place_private)(&own, t, &member);
    run->private_bytes = own.used;
    run->private_scratch = take(&a, t->n_threads, own.used);
    return a.used;
}

static size_t FN(train_workspace)(const densefit_training *training) {
    FN(run) run;
    return FN(place_run)(training, NULL, &run);
}

static void FN(train)(const densefit_training *t, void *workspace, densefit_totals *totals) {
    FN(run) run;
    int slots = FN(slot_count)(&t->optimizer), finite = FN(finite_weights)(&t->network);
    FN(place_run)(t, workspace, &run);
    run.totals = totals;
    for (int m = 0; m < t->n_threads; m++) run.not_finite[m] = !finite;
    for (int64_t i = 0; i < run.n_layers; i++) {
        const FN(layer) *l = &run.layers[i];
        memset(l->out, 0, (size_t)(t->batch_size * l->ld) * sizeof(REAL)); /* the surplus lanes */
        FN(point_at_rows)(l->out_rows, l->out, l->ld, t->batch_size);
        FN(point_at_rows)(l->gradient_rows, l->gradient, l->ld, t->batch_size);
        if (l->stage->kind == STAGE_DENSE) FN(load_parameters)(l, slots);
    }
    pace *p = t->pace;
    pace_resume(p, t->n_threads, t->adaptive);
    for (run.first_step = 0; run.first_step < t->n_steps; run.first_step = run.end_step) {
        int64_t steps = pace_steps(p, t->n_steps - run.first_step);
        double start = densefit_now();
        run.end_step = run.first_step + steps;
        densefit_team_run(p->alone ? 1 : t->n_threads, FN(train_member), &run);
        pace_note(p, steps, densefit_now() - start);
    }
    for (int64_t i = 0; i < run.n_layers; i++)
        if (run.layers[i].stage->kind == STAGE_DENSE) FN(save_parameters)(&run.layers[i], slots);
}
