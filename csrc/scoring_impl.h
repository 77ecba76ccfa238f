/* What a pass over data reports: the loss and the metrics of each sample, and their sums.
 *
 * The metrics see what the network predicts; only a cross-entropy of the activation that is left
 * to the loss is computed from what goes into that activation, as the loss is.
 */

typedef struct FN(scorer) {
    const densefit_network *network;
    const densefit_data *data;
    double *scores;           /* (samples, 1 + metrics), the weighted loss first */
    REAL *predicted, *smooth; /* of one sample: the member's own */
} FN(scorer);

static inline int64_t FN(outputs_of)(const densefit_network *network) {
    return network->stages[network->n_stages - 1].n_out;
}

static FN(scorer) FN(place_scorer)(arena *a, const densefit_network *network,
                                   const densefit_data *data, double *scores) {
    int64_t c = FN(outputs_of)(network);
    REAL *predicted = take(a, c, sizeof(REAL)), *smooth = take(a, c, sizeof(REAL));
    return (FN(scorer)){network, data, scores, predicted, smooth};
}

static double FN(weight_of)(const densefit_data *data, int64_t sample) {
    return data->weights != NULL ? (double)((const REAL *)data->weights)[sample] : 1.0;
}

/* The prediction from what the last stage gave. */
static void FN(finish_output)(int32_t activation, int64_t c, const REAL *z, REAL *p) {
    if (activation == ACTIVATION_SOFTMAX)
        FN(softmax_row)(c, z, p);
    else if (activation == ACTIVATION_LINEAR)
        memcpy(p, z, (size_t)c * sizeof(REAL));
    else
        FN(finish_row)(activation, c, z, NULL, p);
}

/* First position of the largest element. */
static int64_t FN(argmax_row)(int64_t c, const REAL *z) {
    int64_t best = 0;
    for (int64_t j = 1; j < c; j++)
        if (z[j] > z[best]) best = j;
    return best;
}

/* Share of the outputs on the side of the threshold where their targets are. */
static double FN(binary_accuracy)(int64_t c, const REAL *p, const REAL *y, REAL threshold) {
    int64_t right = 0;
    for (int64_t j = 0; j < c; j++) right += (REAL)(p[j] > threshold) == y[j];
    return (double)right / (double)c;
}

/* y with a share of its mass spread over the classes, or the two sides. */
static const REAL *FN(smoothed)(const FN(scorer) *s, const densefit_measure *m, const REAL *y) {
    int64_t c = FN(outputs_of)(s->network);
    int binary = m->kind == LOSS_BINARY_LOGITS || m->kind == LOSS_BINARY_PROBABILITIES;
    double share = m->parameter * (binary ? 0.5 : 1.0 / (double)c);
    if (y == NULL || m->parameter == 0) return y;
    for (int64_t j = 0; j < c; j++)
        s->smooth[j] = (REAL)((double)y[j] * (1 - m->parameter) + share);
    return s->smooth;
}

static double FN(measure_row)(const FN(scorer) *s, const densefit_measure *m, const REAL *z,
                              const REAL *y, int64_t label, REAL scale, REAL *dz) {
    int64_t c = FN(outputs_of)(s->network);
    const REAL *row =
        m->of_predictions && s->network->output != ACTIVATION_LINEAR ? s->predicted : z;
    switch (m->kind) {
    case METRIC_CLASS_ACCURACY:
        return FN(argmax_row)(c, row) == (y == NULL ? label : FN(argmax_row)(c, y));
    case METRIC_BINARY_ACCURACY: return FN(binary_accuracy)(c, row, y, (REAL)m->parameter);
    default: return FN(loss_row)(m->kind, c, row, FN(smoothed)(s, m, y), label, scale, dz);
    }
}

/* The scores of one sample whose outputs are z, kept in row n; the gradient of its loss goes to dz
 * unless NULL. */
static void FN(score_sample)(const FN(scorer) *s, int64_t n, int64_t sample, const REAL *z,
                             REAL scale, REAL *dz) {
    const densefit_network *network = s->network;
    int64_t c = FN(outputs_of)(network), columns = 1 + network->n_metrics;
    const int64_t *labels = s->data->labels;
    const REAL *y = labels != NULL ? NULL : (const REAL *)s->data->targets + sample * c;
    int64_t label = labels != NULL ? labels[sample] : -1;
    double *scores = s->scores + n * columns;
    scores[0] =
        FN(weight_of)(s->data, sample) * FN(measure_row)(s, &network->loss, z, y, label, scale, dz);
    if (network->output != ACTIVATION_LINEAR && network->n_metrics > 0)
        FN(finish_output)(network->output, c, z, s->predicted);
    for (int64_t i = 0; i < network->n_metrics; i++)
        scores[1 + i] = FN(measure_row)(s, &network->metrics[i], z, y, label, 0, NULL);
}

/* Adds the scores of n samples, in their order. */
static void FN(add_scores)(const densefit_network *network, int64_t n, const double *scores,
                           densefit_totals *totals) {
    for (int64_t i = 0; i < n; i++) {
        totals->loss += *scores++;
        for (int64_t m = 0; m < network->n_metrics; m++) totals->metrics[m] += *scores++;
    }
}
