/* The losses of one row of outputs, and their gradients with respect to it.
 *
 * a. A loss is the one of Keras: a mean over the row (squared and absolute error, binary
 *    cross-entropy, hinge) or a sum over it. dz, unless NULL, is its gradient times `scale`.
 * b. The terms of a row are computed in REAL and summed in double from left to right.
 * c. Probabilities are kept EPSILON away from 0 and 1 before a logarithm is taken; where that
 *    changes one, the gradient with respect to it is 0.
 * d. NaN in, NaN out, in the loss and in the gradient: each comparison lets it through.
 */
#define LOSS_EPSILON 1e-7

/* min(max(p, EPSILON), high). */
static inline V FN(clipped)(V p, double high) {
    return FN(v_min)(v_set1(high), v_max(v_set1(LOSS_EPSILON), p));
}

/* slope where clipping has left p as it was, else 0. */
static inline V FN(where_unclipped)(V p, V clipped, V slope) {
    return v_if_greater(v_abs(v_sub(p, clipped)), v_set1(0), v_set1(0), slope);
}

static inline V FN(term_of_squared_error)(V p, V y, V *slope) {
    V d = v_sub(p, y);
    *slope = v_add(d, d);
    return v_mul(d, d);
}

static inline V FN(term_of_absolute_error)(V p, V y, V *slope) {
    V d = v_sub(p, y);
    *slope = v_if_greater(v_abs(d), v_set1(0), v_copysign(v_set1(1), d), d);
    return v_abs(d);
}

/* y is ±1, or 0 for -1. */
static inline V FN(term_of_hinge)(V p, V y, V *slope) {
    V side = v_if_greater(v_abs(y), v_set1(0), y, v_set1(-1));
    V margin = v_sub(v_set1(1), v_mul(side, p));
    V inside = v_if_greater(margin, v_set1(0), v_sub(v_set1(0), side), v_set1(0));
    *slope = v_is_nan(margin, margin, inside);
    return v_max(v_set1(0), margin);
}

/* Of sigmoid(z): max(z, 0) - z·y + log(1 + exp(-|z|)). */
static inline V FN(term_of_binary_logit)(V z, V y, V *slope) {
    V tail = FN(v_log1p)(FN(v_exp)(v_sub(v_set1(0), v_abs(z))));
    *slope = v_sub(FN(v_sigmoid)(z), y);
    return v_add(v_sub(v_max(v_set1(0), z), v_mul(z, y)), tail);
}

static inline V FN(term_of_binary_probability)(V p, V y, V *slope) {
    V one = v_set1(1), q = FN(clipped)(p, 1 - LOSS_EPSILON), rest = v_sub(one, q);
    V miss = v_mul(v_sub(one, y), FN(v_log)(rest));
    *slope = FN(where_unclipped)(p, q, v_div(v_sub(q, y), v_mul(q, rest)));
    return v_sub(v_set1(0), v_add(v_mul(y, FN(v_log)(q)), miss));
}

static inline V FN(term_of_divergence)(V p, V y, V *slope) {
    V q = FN(clipped)(p, 1), target = FN(clipped)(y, 1), ratio = v_div(target, q);
    *slope = FN(where_unclipped)(p, q, v_sub(v_set1(0), ratio));
    return v_mul(target, FN(v_log)(ratio));
}

static ALWAYS_INLINE V FN(loss_term)(const int kind, V p, V y, V *slope) {
    switch (kind) {
    case LOSS_SQUARED_ERROR: return FN(term_of_squared_error)(p, y, slope);
    case LOSS_ABSOLUTE_ERROR: return FN(term_of_absolute_error)(p, y, slope);
    case LOSS_HINGE: return FN(term_of_hinge)(p, y, slope);
    case LOSS_BINARY_LOGITS: return FN(term_of_binary_logit)(p, y, slope);
    case LOSS_BINARY_PROBABILITIES: return FN(term_of_binary_probability)(p, y, slope);
    default: return FN(term_of_divergence)(p, y, slope);
    }
}

/* Σ of the terms; dz = slope · scale. */
static ALWAYS_INLINE double FN(sum_of_terms)(const int kind, int64_t c, const REAL *p,
                                             const REAL *y, REAL scale, REAL *dz) {
    double sum = 0;
    REAL terms[VLEN];
    for (int64_t j = 0; j < c; j += VLEN) {
        int part = FN(part_at)(j, c);
        V slope;
        v_store(terms, FN(loss_term)(kind, FN(load_lanes)(p + j, part), FN(load_lanes)(y + j, part),
                                     &slope));
        for (int64_t l = 0; l < VLEN && j + l < c; l++) sum += (double)terms[l];
        if (dz != NULL) FN(store_lanes)(dz + j, v_mul(slope, v_set1(scale)), part);
    }
    return sum;
}

/* -Σ y·log(p / Σp), for probabilities that need not sum to 1. */
static double FN(crossentropy_of_shares)(int64_t c, const REAL *p, const REAL *y, int64_t label,
                                         REAL scale, REAL *dz) {
    double sum = 0, loss = 0, inner = 0;
    for (int64_t j = 0; j < c; j++) sum += (double)p[j];
    for (int64_t j = 0; j < c; j++) {
        REAL target = y != NULL ? y[j] : (REAL)(j == label), share = p[j] / (REAL)sum, lanes[VLEN];
        V kept = FN(clipped)(v_set1(share), 1 - LOSS_EPSILON), wanted = v_set1(target);
        v_store(lanes, v_mul(wanted, FN(v_log)(kept)));
        loss -= (double)lanes[0];
        v_store(lanes, FN(where_unclipped)(v_set1(share), kept, v_div(wanted, kept)));
        inner += (double)lanes[0] * (double)share;
        if (dz != NULL) dz[j] = lanes[0];
    }
    if (dz != NULL)
        for (int64_t j = 0; j < c; j++) dz[j] = ((REAL)inner - dz[j]) / (REAL)sum * scale;
    return loss;
}

/* -cos of the angle between p and y; a norm below EPSILON counts as EPSILON. */
static double FN(negative_cosine)(int64_t c, const REAL *p, const REAL *y, REAL scale, REAL *dz) {
    double pp = 0, yy = 0, py = 0, least = LOSS_EPSILON * LOSS_EPSILON;
    for (int64_t j = 0; j < c; j++) {
        pp += (double)p[j] * (double)p[j];
        yy += (double)y[j] * (double)y[j];
        py += (double)p[j] * (double)y[j];
    }
    double norm = sqrt(pp < least ? least : pp) * sqrt(yy < least ? least : yy);
    double pull = pp < least ? 0 : py / pp;
    if (dz != NULL)
        for (int64_t j = 0; j < c; j++)
            dz[j] = (REAL)((pull * (double)p[j] - (double)y[j]) / norm) * scale;
    return -py / norm;
}

/* y (C,) or, for a cross-entropy over classes, NULL and a label; dz is not z. */
static double FN(loss_row)(int32_t kind, int64_t c, const REAL *z, const REAL *y, int64_t label,
                           REAL scale, REAL *dz) {
    REAL each = scale / (REAL)c;
#define MEAN(KIND) \
    case KIND: return FN(sum_of_terms)(KIND, c, z, y, each, dz) / (double)c;
    switch (kind) {
        MEAN(LOSS_SQUARED_ERROR)
        MEAN(LOSS_ABSOLUTE_ERROR)
        MEAN(LOSS_HINGE)
        MEAN(LOSS_BINARY_LOGITS)
        MEAN(LOSS_BINARY_PROBABILITIES)
    case LOSS_DIVERGENCE: return FN(sum_of_terms)(LOSS_DIVERGENCE, c, z, y, scale, dz);
    case LOSS_COSINE: return FN(negative_cosine)(c, z, y, scale, dz);
    case LOSS_CLASS_PROBABILITIES: return FN(crossentropy_of_shares)(c, z, y, label, scale, dz);
    default:
        return y == NULL ? FN(sparse_crossentropy_row)(c, z, label, scale, dz)
                         : FN(crossentropy_row)(c, z, y, scale, dz);
    }
#undef MEAN
}
