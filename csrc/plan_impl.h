/* How a network lies in memory while it trains: a caller's workspace cut into aligned pieces.
 *
 * a. Activations have rows of `ld` elements, a whole number of vectors; the surplus is 0 in every
 *    gradient and reaches no result.
 * b. A small layer's weights and slots are packed in strips for the whole call and unpacked at its
 *    end; a large one's (PACK_LIMIT) stay where they are, so that memory holds them once.
 * c. Gradients rotate through three buffers: a stage's is read for its weights while the one
 *    before it is written, and the one before that belongs to the next phase.
 */
#ifndef DENSEFIT_PLAN_COMMON
#define DENSEFIT_PLAN_COMMON

enum { GRADIENT_BUFFERS = 3, PACK_LIMIT = 8 << 20 };

/* Hands out pieces of a workspace; with base NULL it only counts. */
typedef struct arena {
    char *base;
    size_t used;
} arena;

static inline void *take(arena *a, size_t bytes) {
    size_t start = a->used;
    a->used += (bytes + 63) / 64 * 64;
    return a->base == NULL ? NULL : a->base + start;
}

static inline int64_t part_start(int64_t items, int member, int members) {
    return items * member / members;
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
} FN(layer);

static inline int64_t FN(padded)(int64_t n) {
    return round_up(n, VLEN);
}

static inline int64_t FN(strips_of)(int64_t columns) {
    return (columns + STRIP - 1) / STRIP;
}

static int FN(fits_packed)(const densefit_stage *s) {
    return s->n_in * round_up(s->n_out, STRIP) * (int64_t)sizeof(REAL) <= PACK_LIMIT;
}

static FN(panels) FN(place_panels)(arena *a, const densefit_stage *s, void *original) {
    if (!FN(fits_packed)(s)) return FN(row_major)(original, s->n_out);
    size_t elements = (size_t)(s->n_in * round_up(s->n_out, STRIP));
    REAL *p = take(a, elements * sizeof(REAL));
    return (FN(panels)){p, s->n_in * STRIP, STRIP};
}

static int FN(slot_count)(const densefit_optimizer *o) {
    return o->momentum != 0 ? 1 : 0;
}

static void FN(place_parameters)(arena *a, FN(layer) *layer, const densefit_optimizer *optimizer) {
    const densefit_stage *s = layer->stage;
    size_t bias_bytes = (size_t)layer->ld * sizeof(REAL);
    layer->packed = FN(fits_packed)(s);
    layer->w = FN(place_panels)(a, s, s->w);
    layer->bias = s->b != NULL ? take(a, bias_bytes) : NULL;
    for (int i = 0; i < FN(slot_count)(optimizer); i++) {
        layer->slots[i] = FN(place_panels)(a, s, s->w_slots[i]);
        layer->bias_slots[i] = s->b != NULL ? take(a, bias_bytes) : NULL;
    }
}

static void FN(place_layers)(arena *a, const densefit_network *network,
                             const densefit_optimizer *optimizer, int64_t batch,
                             FN(layer) *layers) {
    int64_t widest[GRADIENT_BUFFERS] = {0};
    REAL *gradients[GRADIENT_BUFFERS];
    for (int64_t i = 0; i < network->n_stages; i++) {
        FN(layer) *layer = &layers[i];
        layer->stage = &network->stages[i];
        layer->ld = FN(padded)(layer->stage->n_out);
        if (layer->stage->kind == STAGE_DENSE) FN(place_parameters)(a, layer, optimizer);
        layer->out = take(a, (size_t)(batch * layer->ld) * sizeof(REAL));
        layer->out_rows = take(a, (size_t)batch * sizeof(REAL *));
        layer->gradient_rows = take(a, (size_t)batch * sizeof(REAL *));
        int64_t *most = &widest[i % GRADIENT_BUFFERS];
        if (layer->ld > *most) *most = layer->ld;
    }
    for (int g = 0; g < GRADIENT_BUFFERS; g++)
        gradients[g] = take(a, (size_t)(batch * widest[g]) * sizeof(REAL));
    for (int64_t i = 0; i < network->n_stages; i++)
        layers[i].gradient = gradients[i % GRADIENT_BUFFERS];
}

/* The widest panel of transposed weights that a backward pass packs. */
static int64_t FN(widest_panel)(const densefit_network *network) {
    int64_t widest = 0;
    for (int64_t i = 1; i < network->n_stages; i++)
        if (network->stages[i].kind == STAGE_DENSE && network->stages[i].n_out > widest)
            widest = network->stages[i].n_out;
    return round_up(widest, STRIP) * STRIP;
}

static void FN(pack)(FN(panels) to, const REAL *from, int64_t rows, int64_t columns) {
    for (int64_t s = 0; s * STRIP < columns; s++) {
        size_t width = (size_t)smaller(columns - s * STRIP, STRIP);
        for (int64_t k = 0; k < rows; k++) {
            REAL *row = to.p + s * to.strip + k * to.row;
            memcpy(row, from + k * columns + s * STRIP, width * sizeof(REAL));
            memset(row + width, 0, (STRIP - width) * sizeof(REAL));
        }
    }
}

static void FN(unpack)(REAL *to, FN(panels) from, int64_t rows, int64_t columns) {
    for (int64_t s = 0; s * STRIP < columns; s++) {
        size_t width = (size_t)smaller(columns - s * STRIP, STRIP);
        for (int64_t k = 0; k < rows; k++)
            memcpy(to + k * columns + s * STRIP, from.p + s * from.strip + k * from.row,
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
