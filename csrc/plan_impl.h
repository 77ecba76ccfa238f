/* How a network lies in memory while it trains: a caller's workspace cut into aligned pieces.
 *
 * a. Rows of activations and gradients are `ld` elements apart: an odd number of cache lines, so
 *    that a column of them does not fall into one set of the cache. Beyond the layer's width a row
 *    holds 0 up to a whole vector.
 * b. A layer's weights and slots are packed in panels for the whole call and unpacked at its end;
 *    beyond PACK_LIMIT they stay where they are, so that memory holds them once.
 * c. Gradients rotate through three buffers: a stage's is read for its weights while the one
 *    before it is written, and the one before that belongs to the next phase.
 */
#ifndef DENSEFIT_PLAN_COMMON
#define DENSEFIT_PLAN_COMMON

enum { GRADIENT_BUFFERS = 3, PACK_LIMIT = 64 << 20, SPARSE_MIN_COLUMNS = 32 };

/* Hands out pieces of a workspace; with base NULL it only counts. */
typedef struct arena {
    char *base;
    size_t used;
} arena;

static inline void *take(arena *a, int64_t count, size_t size) {
    size_t start = a->used;
    a->used += ((size_t)count * size + LINE - 1) / LINE * LINE;
    return a->base == NULL ? NULL : a->base + start;
}

typedef struct span {
    int64_t first, end;
} span;

/* A member's share of `items`, cut at multiples of `unit`. */
static inline span share_of(int64_t items, int64_t unit, int member, int members) {
    int64_t units = (items + unit - 1) / unit;
    return (span){smaller(units * member / members * unit, items),
                  smaller(units * (member + 1) / members * unit, items)};
}

#endif

typedef struct FN(layer) {
    const densefit_stage *stage;
    int64_t ld;
    FN(panels) w, slots[DENSEFIT_MAX_SLOTS]; /* packed, or the caller's */
    int packed;
    REAL *bias, *bias_slots[DENSEFIT_MAX_SLOTS]; /* ld elements each */
    REAL *out, *gradient;                        /* (batch, ld) */
    const REAL **out_rows, **gradient_rows;      /* pointers to their rows */
    uint64_t *masks;                             /* nonzeros of out, or NULL: see sparse_impl.h */
} FN(layer);

static inline int64_t FN(row_stride)(int64_t n) {
    const int64_t line = LINE / (int64_t)sizeof(REAL);
    int64_t lines = (n + line - 1) / line;
    return (lines > 4 ? lines | 1 : lines) * line;
}

static inline int64_t FN(panels_of)(int64_t columns) { return (columns + PANEL - 1) / PANEL; }

/* Elements from row to row of a packed panel: a narrow layer's only panel is as narrow. */
static inline int64_t FN(packed_row)(int64_t columns) {
    return columns < PANEL ? round_up(columns, VLEN) : PANEL;
}

static int FN(fits_packed)(const densefit_stage *s) {
    int64_t elements = s->n_in * FN(packed_row)(s->n_out) * FN(panels_of)(s->n_out);
    return elements * (int64_t)sizeof(REAL) <= PACK_LIMIT;
}

static FN(panels) FN(place_panels)(arena *a, const densefit_stage *s, void *original) {
    if (!FN(fits_packed)(s)) return FN(row_major)(original, s->n_out);
    int64_t row = FN(packed_row)(s->n_out);
    REAL *at = take(a, s->n_in * row * FN(panels_of)(s->n_out), sizeof(REAL));
    return (FN(panels)){at, s->n_in * row, row};
}

static int FN(slot_count)(const densefit_optimizer *o) {
    FN(update) u = {.momentum = (REAL)o->momentum};
    return FN(slots_of)(o->kind, &u);
}

static void FN(place_parameters)(arena *a, FN(layer) *layer, int slots) {
    const densefit_stage *s = layer->stage;
    layer->packed = FN(fits_packed)(s);
    layer->w = FN(place_panels)(a, s, s->w);
    layer->bias = s->b != NULL ? take(a, layer->ld, sizeof(REAL)) : NULL;
    for (int i = 0; i < slots; i++) {
        layer->slots[i] = FN(place_panels)(a, s, s->w_slots[i]);
        layer->bias_slots[i] = s->b != NULL ? take(a, layer->ld, sizeof(REAL)) : NULL;
    }
}

/* Whether the output of stage i has many zeros that a neighbouring product can skip. */
static int FN(has_zeros)(const densefit_network *network, int64_t i) {
    const densefit_stage *s = &network->stages[i];
    if (s->kind == STAGE_NOISE) return 0;
    if (s->kind == STAGE_DROPOUT) return s->rate >= 0.3 || (i > 0 && FN(has_zeros)(network, i - 1));
    return s->activation == ACTIVATION_RELU;
}

static int FN(is_marked)(const densefit_network *network, int64_t i) {
    const densefit_stage *s = &network->stages[i];
    int above =
        i + 1 < network->n_stages && s[1].kind == STAGE_DENSE && s[1].n_out >= SPARSE_MIN_COLUMNS;
    int below = i > 0 && s->kind == STAGE_DENSE && s->n_in >= SPARSE_MIN_COLUMNS;
    return s->n_out >= SPARSE_MIN_COLUMNS && (above || below) && FN(has_zeros)(network, i);
}

static void FN(place_activations)(arena *a, const densefit_network *network, int64_t rows,
                                  int64_t i, FN(layer) *l) {
    l->out = take(a, rows * l->ld, sizeof(REAL));
    l->out_rows = take(a, rows, sizeof(REAL *));
    if (!FN(is_marked)(network, i)) return;
    int64_t blocks = blocks_of(l->stage->n_out);
    l->masks = take(a, rows * blocks, sizeof *l->masks);
}

static void FN(place_layers)(arena *a, const densefit_network *network, int slots, int64_t batch,
                             FN(layer) *layers) {
    int64_t widest[GRADIENT_BUFFERS] = {0};
    REAL *gradients[GRADIENT_BUFFERS];
    for (int64_t i = 0; i < network->n_stages; i++) {
        FN(layer) *l = &layers[i];
        *l = (FN(layer)){.stage = &network->stages[i]};
        l->ld = FN(row_stride)(l->stage->n_out);
        if (l->stage->kind == STAGE_DENSE) FN(place_parameters)(a, l, slots);
        FN(place_activations)(a, network, batch, i, l);
        l->gradient_rows = take(a, batch, sizeof(REAL *));
        int64_t *most = &widest[i % GRADIENT_BUFFERS];
        if (l->ld > *most) *most = l->ld;
    }
    for (int g = 0; g < GRADIENT_BUFFERS; g++)
        gradients[g] = take(a, batch * widest[g], sizeof(REAL));
    for (int64_t i = 0; i < network->n_stages; i++)
        layers[i].gradient = gradients[i % GRADIENT_BUFFERS];
}

/* Elements of the widest panel that a member copies: of weights that are not packed, or of the
 * transpose that a backward pass reads. */
static int64_t FN(widest_panel)(const densefit_network *network, int training) {
    int64_t widest = 0;
    for (int64_t i = 0; i < network->n_stages; i++) {
        const densefit_stage *s = &network->stages[i];
        if (s->kind != STAGE_DENSE) continue;
        if (!training || !FN(fits_packed)(s)) widest = s->n_in > widest ? s->n_in : widest;
        if (training && i > 0) widest = s->n_out > widest ? s->n_out : widest;
    }
    return round_up(widest, PANEL) * PANEL;
}

/* Copies `columns` columns from `first` on of a row-major matrix to rows of `row` elements, the
 * rest filled with 0. */
static void FN(pack_panel)(REAL *to, int64_t row, const REAL *from, int64_t rows, int64_t ld,
                           int64_t first, int64_t columns) {
    for (int64_t k = 0; k < rows; k++) {
        memcpy(to + k * row, from + k * ld + first, (size_t)columns * sizeof(REAL));
        memset(to + k * row + columns, 0, (size_t)(row - columns) * sizeof(REAL));
    }
}

static void FN(pack)(FN(panels) to, const REAL *from, int64_t rows, int64_t columns) {
    for (int64_t p = 0; p * PANEL < columns; p++)
        FN(pack_panel)(to.at + p * to.panel, to.row, from, rows, columns, p * PANEL,
                       smaller(columns - p * PANEL, PANEL));
}

static void FN(unpack)(REAL *to, FN(panels) from, int64_t rows, int64_t columns) {
    for (int64_t p = 0; p * PANEL < columns; p++) {
        size_t width = (size_t)smaller(columns - p * PANEL, PANEL);
        for (int64_t k = 0; k < rows; k++)
            memcpy(to + k * columns + p * PANEL, from.at + p * from.panel + k * from.row,
                   width * sizeof(REAL));
    }
}

static void FN(copy_padded)(REAL *to, const REAL *from, int64_t n, int64_t ld) {
    memcpy(to, from, (size_t)n * sizeof(REAL));
    memset(to + n, 0, (size_t)(ld - n) * sizeof(REAL));
}

static void FN(load_parameters)(const FN(layer) *l, int slots) {
    const densefit_stage *s = l->stage;
    if (l->packed) FN(pack)(l->w, s->w, s->n_in, s->n_out);
    if (s->b != NULL) FN(copy_padded)(l->bias, s->b, s->n_out, l->ld);
    for (int i = 0; i < slots; i++) {
        if (l->packed) FN(pack)(l->slots[i], s->w_slots[i], s->n_in, s->n_out);
        if (s->b != NULL) FN(copy_padded)(l->bias_slots[i], s->b_slots[i], s->n_out, l->ld);
    }
}

static void FN(save_parameters)(const FN(layer) *l, int slots) {
    const densefit_stage *s = l->stage;
    size_t bias_bytes = (size_t)s->n_out * sizeof(REAL);
    if (l->packed) FN(unpack)(s->w, l->w, s->n_in, s->n_out);
    if (s->b != NULL) memcpy(s->b, l->bias, bias_bytes);
    for (int i = 0; i < slots; i++) {
        if (l->packed) FN(unpack)(s->w_slots[i], l->slots[i], s->n_in, s->n_out);
        if (s->b != NULL) memcpy(s->b_slots[i], l->bias_slots[i], bias_bytes);
    }
}

static int FN(all_finite)(const REAL *p, int64_t n) {
    V poison = v_set1(0);
    REAL lanes[VLEN], sum = 0;
    for (int64_t j = 0; j < n; j += VLEN)
        poison = v_fma(FN(load_lanes)(p + j, FN(part_at)(j, n)), v_set1(0), poison);
    v_store(lanes, poison);
    for (int l = 0; l < VLEN; l++) sum += lanes[l];
    return sum == 0;
}

static int FN(finite_weights)(const densefit_network *network) {
    for (int64_t i = 0; i < network->n_stages; i++) {
        const densefit_stage *s = &network->stages[i];
        if (s->kind == STAGE_DENSE && !FN(all_finite)(s->w, s->n_in * s->n_out)) return 0;
    }
    return 1;
}
