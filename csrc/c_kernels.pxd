"""The C interface as Cython sees it: kernels.h and its neighbours, declaration by declaration."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "threads.h" nogil:
    void densefit_threads_init()
    int densefit_processors()


cdef extern from "random.h" nogil:
    void densefit_random_bits(uint64_t seed, const uint32_t *counter, uint32_t *out)
    void densefit_random_uniform(uint64_t seed, uint32_t stream, int64_t first, int64_t n,
                                 double *out)
    void densefit_random_normal(uint64_t seed, uint32_t stream, double low, double high,
                                int64_t first, int64_t n, double *out)
    void densefit_random_permutation(uint64_t seed, uint32_t epoch, int64_t n, int64_t *out)


cdef extern from "kernels.h" nogil:
    enum:
        ACTIVATION_LINEAR, ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_SIGMOID, ACTIVATION_SOFTMAX
        ACTIVATION_ELU, ACTIVATION_SELU, ACTIVATION_LEAKY_RELU, ACTIVATION_GELU
        ACTIVATION_GELU_TANH
        STAGE_DENSE, STAGE_ACTIVATION, STAGE_DROPOUT, STAGE_NOISE
        LOSS_CLASS_LOGITS, LOSS_CLASS_PROBABILITIES, LOSS_BINARY_LOGITS, LOSS_BINARY_PROBABILITIES
        LOSS_SQUARED_ERROR, LOSS_ABSOLUTE_ERROR, LOSS_HINGE, LOSS_DIVERGENCE, LOSS_COSINE
        METRIC_CLASS_ACCURACY, METRIC_BINARY_ACCURACY
        OPTIMIZER_SGD, OPTIMIZER_MOMENTUM, OPTIMIZER_ADAM, OPTIMIZER_RMSPROP
        OPTIMIZER_ADAGRAD, OPTIMIZER_ADADELTA
        DENSEFIT_MAX_SLOTS, DENSEFIT_MAX_STAGES, DENSEFIT_MAX_METRICS

    ctypedef struct densefit_stage:
        int32_t kind, activation
        int64_t n_in, n_out
        void *w
        void *b
        void *w_slots[2]
        void *b_slots[2]
        double rate, alpha, l1, l2

    ctypedef struct densefit_optimizer:
        int32_t kind, nesterov
        double momentum, rho, beta_1, beta_2, epsilon

    ctypedef struct densefit_measure:
        int32_t kind, of_predictions
        double parameter

    ctypedef struct densefit_network:
        const densefit_stage *stages
        int64_t n_stages
        densefit_measure loss
        densefit_measure metrics[16]
        int64_t n_metrics
        int32_t output

    ctypedef struct densefit_data:
        const void *x
        const int64_t *labels
        const void *targets
        const void *weights
        const int64_t *order
        const uint64_t *masks
        const int64_t *starts
        const void *values
        int64_t n

    ctypedef struct densefit_totals:
        double loss, penalty
        double metrics[16]

    ctypedef struct pace:
        int threads

    ctypedef struct densefit_training:
        densefit_network network
        densefit_optimizer optimizer
        densefit_data data
        const double *learning_rates
        int64_t n_steps, batch_size
        uint64_t seed
        uint32_t first_step
        uint64_t first_update
        int32_t n_threads, adaptive
        pace *pace

    ctypedef struct densefit_functions:
        void (*dense_forward)(
            int64_t n, int64_t d, int64_t m, const void *x, const void *w, const void *b,
            void *z) noexcept nogil
        void (*dense_backward)(
            int64_t n, int64_t d, int64_t m, const void *dz, const void *x, const void *w,
            void *dx, void *dw, void *db, void *scratch) noexcept nogil
        size_t (*dense_backward_scratch)(
            int64_t n, int64_t m) noexcept nogil
        void (*activation_forward)(
            int32_t activation, int64_t n, const void *z, void *a) noexcept nogil
        void (*activation_backward)(
            int32_t activation, int64_t n, const void *da, const void *z, void *dz) noexcept nogil
        void (*softmax)(
            int64_t n, int64_t c, const void *z, void *p) noexcept nogil
        void (*softmax_cross_entropy)(
            int64_t n, int64_t c, const void *z, const int64_t *labels, const void *targets,
            void *dz, double *losses) noexcept nogil
        void (*sgd_update)(
            int64_t n, const void *param, const void *grad, double learning_rate,
            void *out) noexcept nogil
        void (*elementary)(
            int32_t function, int64_t n, const void *x, void *y) noexcept nogil
        void (*mark_nonzeros)(
            int64_t n, int64_t d, const void *x, int n_threads, uint64_t *masks,
            int64_t *starts) noexcept nogil
        void (*gather_nonzeros)(
            int64_t n, int64_t d, const void *x, int n_threads, const uint64_t *masks,
            const int64_t *starts, void *values) noexcept nogil
        size_t (*train_workspace)(
            const densefit_training *training) noexcept nogil
        void (*train)(
            const densefit_training *training, void *workspace,
            densefit_totals *totals) noexcept nogil
        size_t (*evaluate_workspace)(
            const densefit_network *network, int64_t n, int32_t n_threads) noexcept nogil
        void (*evaluate)(
            const densefit_network *network, const densefit_data *data, int32_t n_threads,
            void *workspace, void *outputs, densefit_totals *totals) noexcept nogil

    ctypedef struct densefit_kernels:
        const char *isa
        densefit_functions f32, f64

    int densefit_isa_count()
    const densefit_kernels *densefit_isa_table(int index)
