#define ISA generic
#define VECTOR_LAYER "vec_generic.h"
#include "kernels_impl.h"
