/* The body of every kernels_<isa>.c: all kernels in both precisions on one vector layer. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"
#include "random.h"
#include "threads.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define STRING_(a) #a
#define STRING(a) STRING_(a)

#define REAL_BITS 32
#define REAL float
#define FN(name) name##_f32
#include "precision_impl.h"
#undef REAL_BITS
#undef REAL
#undef FN

#define REAL_BITS 64
#define REAL double
#define FN(name) name##_f64
#include "precision_impl.h"
#undef REAL_BITS
#undef REAL
#undef FN

#define FUNCTIONS(suffix)            \
    {dense_forward##suffix,          \
     dense_backward##suffix,         \
     dense_backward_scratch##suffix, \
     activation_forward##suffix,     \
     activation_backward##suffix,    \
     softmax##suffix,                \
     softmax_cross_entropy##suffix,  \
     sgd_update##suffix,             \
     elementary##suffix,             \
     mark_nonzeros##suffix,          \
     gather_nonzeros##suffix,        \
     train_workspace##suffix,        \
     train##suffix,                  \
     evaluate_workspace##suffix,     \
     evaluate##suffix}

const densefit_kernels PASTE(densefit_kernels_, ISA) = {STRING(ISA), FUNCTIONS(_f32),
                                                        FUNCTIONS(_f64)};
