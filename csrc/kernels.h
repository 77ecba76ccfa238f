/* The one C interface of the kernels: a table of function pointers per instruction set.
 *
 * a. The kernels check nothing, allocate nothing and raise nothing: the caller has checked shapes
 *    and passes a workspace. IN and OUT mark the arguments; `void *` points at float or double,
 *    as the table that holds the function says.
 * b. Arrays are row-major and contiguous. N samples (rows), D inputs, M units, C classes.
 * c. Every result is the same bits for any instruction set and any number of threads. The order of
 *    operations that this fixes is written down in docs/numerics.md.
 */
#ifndef DENSEFIT_KERNELS_H
#define DENSEFIT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "pace.h"

typedef enum densefit_activation {
    ACTIVATION_LINEAR,
    ACTIVATION_RELU,
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID,
    ACTIVATION_SOFTMAX, /* this and the following are always stages of their own */
    ACTIVATION_ELU,
    ACTIVATION_SELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_GELU,
    ACTIVATION_GELU_TANH /* with tanh in the place of erf */
} densefit_activation;

typedef enum densefit_stage_kind {
    STAGE_DENSE,
    STAGE_ACTIVATION,
    STAGE_DROPOUT,
    STAGE_NOISE /* adds normal deviates */
} densefit_stage_kind;

typedef enum densefit_measure_kind {
    LOSS_CLASS_LOGITS,        /* cross-entropy of the softmax of z; labels or distributions */
    LOSS_CLASS_PROBABILITIES, /* cross-entropy of z / Σz; labels or distributions */
    LOSS_BINARY_LOGITS,       /* cross-entropy of the sigmoid of each z; from here on targets */
    LOSS_BINARY_PROBABILITIES,
    LOSS_SQUARED_ERROR,
    LOSS_ABSOLUTE_ERROR,
    LOSS_HINGE,
    LOSS_DIVERGENCE, /* Kullback and Leibler's */
    LOSS_COSINE,     /* -cos of the angle between outputs and targets */
    METRIC_CLASS_ACCURACY,
    METRIC_BINARY_ACCURACY
} densefit_measure_kind;

typedef enum densefit_optimizer_kind {
    OPTIMIZER_SGD,      /* no state */
    OPTIMIZER_MOMENTUM, /* SGD with momentum: velocity */
    OPTIMIZER_ADAM,     /* first and second moment */
    OPTIMIZER_RMSPROP,  /* mean square; with momentum the velocity too */
    OPTIMIZER_ADAGRAD,  /* sum of squares */
    OPTIMIZER_ADADELTA  /* mean square of gradients, of steps */
} densefit_optimizer_kind;

enum { DENSEFIT_MAX_SLOTS = 2, DENSEFIT_MAX_STAGES = 128, DENSEFIT_MAX_METRICS = 16 };

/* One stage of a network. Only STAGE_DENSE has parameters. */
typedef struct densefit_stage {
    int32_t kind;
    int32_t activation;
    int64_t n_in, n_out;
    void *w;                           /* (n_in, n_out) */
    void *b;                           /* (n_out,) or NULL */
    void *w_slots[DENSEFIT_MAX_SLOTS]; /* the optimizer's state, shaped like w and b */
    void *b_slots[DENSEFIT_MAX_SLOTS];
    double rate;   /* of STAGE_DROPOUT; the standard deviation of STAGE_NOISE */
    double alpha;  /* of ACTIVATION_ELU and ACTIVATION_LEAKY_RELU */
    double l1, l2; /* penalty l1·Σ|w| + l2·Σw² */
} densefit_stage;

typedef struct densefit_optimizer {
    int32_t kind, nesterov;
    double momentum, rho, beta_1, beta_2, epsilon;
} densefit_optimizer;

/* A loss or a metric. */
typedef struct densefit_measure {
    int32_t kind;
    int32_t of_predictions; /* else of the last stage's output */
    double parameter;       /* label smoothing; the threshold of METRIC_BINARY_ACCURACY */
} densefit_measure;

typedef struct densefit_network {
    const densefit_stage *stages;
    int64_t n_stages; /* 1 … DENSEFIT_MAX_STAGES */
    densefit_measure loss, metrics[DENSEFIT_MAX_METRICS];
    int64_t n_metrics;
    int32_t output; /* the activation that the loss takes over: predictions are the last stage's
                       output under it */
} densefit_network;

/* Samples in the order in which they are used; of labels and targets one is NULL. */
typedef struct densefit_data {
    const void *x;         /* (rows, D) */
    const int64_t *labels; /* (rows,) */
    const void *targets;   /* (rows, C) */
    const void *weights;   /* (rows,) or NULL for ones */
    const int64_t *order;  /* (n,) indices of rows, or NULL for 0 … n - 1 */
    const uint64_t *masks; /* the nonzeros of x: see mark_nonzeros */
    const int64_t *starts; /* and where they are gathered, or NULL */
    const void *values;
    int64_t n;
} densefit_data;

typedef struct densefit_totals {
    double loss;                          /* Σ weight · loss */
    double penalty;                       /* Σ over samples of the penalty at their batch */
    double metrics[DENSEFIT_MAX_METRICS]; /* Σ metric, not weighted */
} densefit_totals;

typedef struct densefit_training {
    densefit_network network;
    densefit_optimizer optimizer;
    densefit_data data;
    const double *learning_rates; /* one per mini-batch */
    int64_t n_steps, batch_size;
    uint64_t seed;
    uint32_t first_step;   /* the global number of the first mini-batch: drives dropout */
    uint64_t first_update; /* updates that the optimizer has made before */
    int32_t n_threads;
    int32_t adaptive; /* may run on fewer threads where that is faster */
    pace *pace;       /* IN, OUT: what was measured so far; zeros at first */
} densefit_training;

/* The functions of one precision. */
typedef struct densefit_functions {
    /* z = x·w + b; IN x (N, D), w (D, M), b (M,) or NULL; OUT z (N, M). */
    void (*dense_forward)(int64_t n, int64_t d, int64_t m, const void *x, const void *w,
                          const void *b, void *z);
    /* dx = dz·wᵀ, dw = xᵀ·dz, db = Σₙ dz; IN dz (N, M), x (N, D), w (D, M);
     * OUT dx (N, D), dw (D, M), db (M,); scratch holds dense_backward_scratch(N, M) bytes. */
    void (*dense_backward)(int64_t n, int64_t d, int64_t m, const void *dz, const void *x,
                           const void *w, void *dx, void *dw, void *db, void *scratch);
    size_t (*dense_backward_scratch)(int64_t n, int64_t m);
    /* IN z; OUT a, elementwise over n elements; ACTIVATION_SOFTMAX is not elementwise. */
    void (*activation_forward)(int32_t activation, int64_t n, const void *z, void *a);
    /* IN da and z; OUT dz. */
    void (*activation_backward)(int32_t activation, int64_t n, const void *da, const void *z,
                                void *dz);
    /* IN z (N, C); OUT p (N, C). */
    void (*softmax)(int64_t n, int64_t c, const void *z, void *p);
    /* IN z (N, C), labels (N,) or targets (N, C); OUT dz (N, C) already divided by N, losses (N,).
     */
    void (*softmax_cross_entropy)(int64_t n, int64_t c, const void *z, const int64_t *labels,
                                  const void *targets, void *dz, double *losses);
    /* out = param - learning_rate · grad. */
    void (*sgd_update)(int64_t n, const void *param, const void *grad, double learning_rate,
                       void *out);
    /* exp, log, tanh, sigmoid, log1p, expm1, Φ (0, …, 6) of n elements: for tests and for losses in
     * Python.
     */
    void (*elementary)(int32_t function, int64_t n, const void *x, void *y);

    /* The nonzeros of x (N, D), for data whose many zeros the products may skip. IN x;
     * OUT masks (N, ⌈D / 64⌉), bit j for column j of each run of 64, and starts (N + 1,): how many
     * are set before row n. */
    void (*mark_nonzeros)(int64_t n, int64_t d, const void *x, int n_threads, uint64_t *masks,
                          int64_t *starts);
    /* IN masks, starts; OUT values (starts[N],), those of row n from starts[n] on. */
    void (*gather_nonzeros)(int64_t n, int64_t d, const void *x, int n_threads,
                            const uint64_t *masks, const int64_t *starts, void *values);

    /* n_steps mini-batches; the parameters and slots of the stages are updated in place, and
     * the sums are counted on from what totals holds. */
    size_t (*train_workspace)(const densefit_training *training);
    void (*train)(const densefit_training *training, void *workspace, densefit_totals *totals);
    /* Forward only, dropout off. OUT outputs (n, C) or NULL; totals or NULL. */
    size_t (*evaluate_workspace)(const densefit_network *network, int64_t n, int32_t n_threads);
    void (*evaluate)(const densefit_network *network, const densefit_data *data, int32_t n_threads,
                     void *workspace, void *outputs, densefit_totals *totals);
} densefit_functions;

typedef struct densefit_kernels {
    const char *isa;
    densefit_functions f32, f64;
} densefit_kernels;

extern const densefit_kernels densefit_kernels_generic;
extern const densefit_kernels densefit_kernels_avx2;
extern const densefit_kernels densefit_kernels_avx512;

/* dispatch.c */
int densefit_isa_count(void);
const densefit_kernels *densefit_isa_table(int index); /* best first; each of them runs here */

#endif
