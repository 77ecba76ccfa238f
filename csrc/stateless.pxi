"""The stateless functions of the boundary; included by _kernels.pyx."""


def dense_forward(x, w, b, z):
    """z = x·w + b; b may be None."""
    cdef list keep = []
    cdef str code = code_of("x", x)
    cdef int64_t n = len(z), d = len(w), m = w.shape[1]
    cdef void *x_ = address("x", x, (n, d), code, False, keep)
    cdef void *w_ = address("w", w, (d, m), code, False, keep)
    cdef void *b_ = NULL if b is None else address("b", b, (m,), code, False, keep)
    cdef void *z_ = address("z", z, (n, m), code, True, keep)
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.dense_forward(n, d, m, x_, w_, b_, z_)


def dense_backward_scratch(str code, int64_t n, int64_t m):
    """Bytes of the scratch that dense_backward needs."""
    return functions_of(code).dense_backward_scratch(n, m)


def dense_backward(dz, x, w, dx, dw, db, scratch):
    """dx = dz·wᵀ, dw = xᵀ·dz, db = Σₙ dz."""
    cdef list keep = []
    cdef str code = code_of("dz", dz)
    cdef int64_t n = len(dz), d = len(w), m = w.shape[1]
    cdef const densefit_functions *f = functions_of(code)
    cdef void *dz_ = address("dz", dz, (n, m), code, False, keep)
    cdef void *x_ = address("x", x, (n, d), code, False, keep)
    cdef void *w_ = address("w", w, (d, m), code, False, keep)
    cdef void *dx_ = address("dx", dx, (n, d), code, True, keep)
    cdef void *dw_ = address("dw", dw, (d, m), code, True, keep)
    cdef void *db_ = address("db", db, (m,), code, True, keep)
    cdef void *scratch_ = address("scratch", scratch, (-1,), "B", True, keep)
    if <size_t>len(scratch) < f.dense_backward_scratch(n, m):
        raise ValueError("scratch is too small")
    with nogil:
        f.dense_backward(n, d, m, dz_, x_, w_, dx_, dw_, db_, scratch_)


def activation_forward(str activation, z, a):
    """a = activation(z), elementwise, on one-dimensional views."""
    cdef list keep = []
    cdef str code = code_of("z", z)
    cdef int64_t n = len(z)
    cdef void *z_ = address("z", z, (n,), code, False, keep)
    cdef void *a_ = address("a", a, (n,), code, True, keep)
    cdef int32_t kind = ACTIVATIONS[activation]
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.activation_forward(kind, n, z_, a_)


def activation_backward(str activation, da, z, dz):
    """dz = da · activation'(z), elementwise, on one-dimensional views."""
    cdef list keep = []
    cdef str code = code_of("z", z)
    cdef int64_t n = len(z)
    cdef void *da_ = address("da", da, (n,), code, False, keep)
    cdef void *z_ = address("z", z, (n,), code, False, keep)
    cdef void *dz_ = address("dz", dz, (n,), code, True, keep)
    cdef int32_t kind = ACTIVATIONS[activation]
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.activation_backward(kind, n, da_, z_, dz_)


def softmax(z, p):
    """p = softmax of the rows of z."""
    cdef list keep = []
    cdef str code = code_of("z", z)
    cdef int64_t n = len(z), c = z.shape[1]
    cdef void *z_ = address("z", z, (n, c), code, False, keep)
    cdef void *p_ = address("p", p, (n, c), code, True, keep)
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.softmax(n, c, z_, p_)


cdef check_labels(str name, const int64_t *labels, int64_t n, int64_t classes):
    """Labels outside 0 … classes - 1 would be read out of bounds."""
    cdef int64_t i
    for i in range(n):
        if labels[i] < 0 or labels[i] >= classes:
            raise ValueError(f"{name}[{i}] is {labels[i]}, but there are {classes} classes: "
                             f"labels must lie in 0 … {classes - 1}")


cdef check_indices(str name, const int64_t *indices, int64_t n, int64_t rows):
    cdef int64_t i
    for i in range(n):
        if indices[i] < 0 or indices[i] >= rows:
            raise ValueError(f"{name}[{i}] is {indices[i]}, but x has {rows} rows")


def softmax_cross_entropy(z, y, dz, losses):
    """losses[n] and dz = ∂ mean(losses) / ∂z; y holds int64 labels or rows of a distribution."""
    cdef list keep = []
    cdef str code = code_of("z", z)
    cdef int64_t n = len(z), c = z.shape[1]
    cdef bint sparse = y.ndim == 1
    cdef void *z_ = address("z", z, (n, c), code, False, keep)
    cdef void *y_ = (address("y", y, (n,), "q", False, keep) if sparse
                     else address("y", y, (n, c), code, False, keep))
    cdef void *dz_ = address("dz", dz, (n, c), code, True, keep)
    cdef void *losses_ = address("losses", losses, (n,), "d", True, keep)
    cdef const densefit_functions *f = functions_of(code)
    if sparse:
        check_labels("y", <const int64_t *>y_, n, c)
    with nogil:
        f.softmax_cross_entropy(n, c, z_, <const int64_t *>y_ if sparse else NULL,
                                NULL if sparse else y_, dz_, <double *>losses_)


def sgd_update(param, grad, double learning_rate, out):
    """out = param - learning_rate · grad, on one-dimensional views."""
    cdef list keep = []
    cdef str code = code_of("param", param)
    cdef int64_t n = len(param)
    cdef void *param_ = address("param", param, (n,), code, False, keep)
    cdef void *grad_ = address("grad", grad, (n,), code, False, keep)
    cdef void *out_ = address("out", out, (n,), code, True, keep)
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.sgd_update(n, param_, grad_, learning_rate, out_)


def elementary(str function, x, y):
    """y = exp, log, tanh or sigmoid of x, on one-dimensional views."""
    cdef list keep = []
    cdef str code = code_of("x", x)
    cdef int64_t n = len(x)
    cdef void *x_ = address("x", x, (n,), code, False, keep)
    cdef void *y_ = address("y", y, (n,), code, True, keep)
    cdef int32_t which = ELEMENTARY[function]
    cdef const densefit_functions *f = functions_of(code)
    with nogil:
        f.elementary(which, n, x_, y_)


def random_bits(uint64_t seed, uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3):
    """The four words of one block of the stream."""
    cdef uint32_t *counter = [c0, c1, c2, c3]
    cdef uint32_t[4] out
    densefit_random_bits(seed, counter, out)
    return out[0], out[1], out[2], out[3]


def random_uniform(uint64_t seed, uint32_t stream, int64_t first, out):
    """Fill out with uniform deviates in [0, 1), those of the stream from an even first on."""
    cdef list keep = []
    cdef int64_t n = len(out)
    cdef double *out_ = <double *>address("out", out, (n,), "d", True, keep)
    with nogil:
        densefit_random_uniform(seed, stream, first, n, out_)


def random_normal(uint64_t seed, uint32_t stream, double low, double high, int64_t first, out):
    """Fill out with normal deviates between the quantiles of the probabilities low and high."""
    cdef list keep = []
    cdef int64_t n = len(out)
    cdef double *out_ = <double *>address("out", out, (n,), "d", True, keep)
    with nogil:
        densefit_random_normal(seed, stream, low, high, first, n, out_)


def random_permutation(uint64_t seed, uint32_t epoch, out):
    """Fill out with a shuffle of 0 … n - 1."""
    cdef list keep = []
    cdef int64_t n = len(out)
    cdef int64_t *out_ = <int64_t *>address("out", out, (n,), "q", True, keep)
    if n > 0xFFFFFFFF:
        raise ValueError(f"cannot shuffle {n} items: at most 2**32 - 1")
    with nogil:
        densefit_random_permutation(seed, epoch, n, out_)
