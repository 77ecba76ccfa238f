"""The boundary to the C kernels. Only densefit.ops imports this module."""

cdef extern from "kernels.h":
    ctypedef struct densefit_kernels:
        const char *isa
    int densefit_isa_count() nogil
    const densefit_kernels *densefit_isa_table(int index) nogil


def available_isas():
    """Names of the instruction sets that were compiled in and run here, best first."""
    return [densefit_isa_table(i).isa.decode() for i in range(densefit_isa_count())]
