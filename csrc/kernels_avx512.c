#define ISA avx512
#define VECTOR_LAYER "vec_avx512.h"
#include "kernels_impl.h"
