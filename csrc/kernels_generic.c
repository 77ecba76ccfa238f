#include "kernels.h"
const densefit_kernels densefit_kernels_generic = {"generic"};
