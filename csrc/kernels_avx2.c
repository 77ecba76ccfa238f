#define ISA avx2
#define VECTOR_LAYER "vec_avx2.h"
#include "kernels_impl.h"
