/* Which instruction sets were compiled in and run on this processor. */
#include <stddef.h>

#include "cpu_features.h"
#include "kernels.h"

const densefit_kernels *densefit_isa_table(int index) {
#ifdef DENSEFIT_HAVE_AVX512
    if (densefit_cpu_has_avx512() && index-- == 0) return &densefit_kernels_avx512;
#endif
#ifdef DENSEFIT_HAVE_AVX2
    if (densefit_cpu_has_avx2_fma() && index-- == 0) return &densefit_kernels_avx2;
#endif
    return index == 0 ? &densefit_kernels_generic : NULL;
}

int densefit_isa_count(void) {
    int count = 0;
    while (densefit_isa_table(count) != NULL) count++;
    return count;
}
