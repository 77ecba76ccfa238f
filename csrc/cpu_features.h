/* What the processor and the operating system support at run time. */
#ifndef DENSEFIT_CPU_FEATURES_H
#define DENSEFIT_CPU_FEATURES_H

/* Each returns 1 or 0; 0 on any processor that is not x86-64. */
int densefit_cpu_has_avx2_fma(void);
int densefit_cpu_has_avx512(void);

#endif
