#include "kernels.h"
const densefit_kernels densefit_kernels_avx2 = {"avx2"};
