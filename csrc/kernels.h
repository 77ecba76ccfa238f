/* The one C interface of the kernels: a table of function pointers per instruction set. */
#ifndef DENSEFIT_KERNELS_H
#define DENSEFIT_KERNELS_H

typedef struct densefit_kernels {
    const char *isa;
} densefit_kernels;

extern const densefit_kernels densefit_kernels_generic;
extern const densefit_kernels densefit_kernels_avx2;

/* dispatch.c */
int densefit_isa_count(void);
const densefit_kernels *densefit_isa_table(int index); /* best first; every one of them runs here */

#endif
