"""The boundary to the C kernels. Only densefit.ops imports this module.

Every array is checked here for its type, layout and shape, and an error names the argument, what
was expected and what came. The kernels behind check nothing. All calls release the GIL.
"""

from c_kernels cimport (
    ACTIVATION_ELU, ACTIVATION_GELU, ACTIVATION_GELU_TANH, ACTIVATION_LEAKY_RELU, ACTIVATION_LINEAR,
    ACTIVATION_RELU, ACTIVATION_SELU, ACTIVATION_SIGMOID, ACTIVATION_SOFTMAX, ACTIVATION_TANH,
    DENSEFIT_MAX_METRICS, DENSEFIT_MAX_STAGES, LOSS_ABSOLUTE_ERROR, LOSS_BINARY_LOGITS,
    LOSS_BINARY_PROBABILITIES, LOSS_CLASS_LOGITS, LOSS_CLASS_PROBABILITIES, LOSS_COSINE,
    LOSS_DIVERGENCE, LOSS_HINGE, LOSS_SQUARED_ERROR, METRIC_BINARY_ACCURACY, METRIC_CLASS_ACCURACY,
    OPTIMIZER_ADADELTA, OPTIMIZER_ADAGRAD, OPTIMIZER_ADAM, OPTIMIZER_MOMENTUM, OPTIMIZER_RMSPROP,
    OPTIMIZER_SGD, STAGE_ACTIVATION, STAGE_DENSE, STAGE_DROPOUT, STAGE_NOISE, densefit_data,
    densefit_functions, densefit_isa_count, densefit_isa_table, densefit_kernels, densefit_measure,
    densefit_network, densefit_processors, densefit_random_bits, densefit_random_normal,
    densefit_random_permutation, densefit_random_uniform, densefit_stage, densefit_threads_init,
    densefit_totals, densefit_training, pace,
)
from cpython.buffer cimport Py_buffer
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset


cdef extern from "Python.h":
    Py_buffer *PyMemoryView_GET_BUFFER(object view)


densefit_threads_init()

cdef const densefit_kernels *table = densefit_isa_table(0)

ACTIVATIONS = {
    "linear": ACTIVATION_LINEAR,
    "relu": ACTIVATION_RELU,
    "tanh": ACTIVATION_TANH,
    "sigmoid": ACTIVATION_SIGMOID,
    "softmax": ACTIVATION_SOFTMAX,
    "elu": ACTIVATION_ELU,
    "selu": ACTIVATION_SELU,
    "leaky_relu": ACTIVATION_LEAKY_RELU,
    "gelu": ACTIVATION_GELU,
    "gelu_tanh": ACTIVATION_GELU_TANH,
}
# Those that a dense stage applies itself; the others are stages of their own.
FUSED_ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
# On the network's outputs, and on what the activation makes them of.
LOSSES = {
    "sparse_categorical_crossentropy": (LOSS_CLASS_PROBABILITIES, LOSS_CLASS_LOGITS),
    "categorical_crossentropy": (LOSS_CLASS_PROBABILITIES, LOSS_CLASS_LOGITS),
    "binary_crossentropy": (LOSS_BINARY_PROBABILITIES, LOSS_BINARY_LOGITS),
    "mean_squared_error": (LOSS_SQUARED_ERROR,),
    "mean_absolute_error": (LOSS_ABSOLUTE_ERROR,),
    "hinge": (LOSS_HINGE,),
    "kl_divergence": (LOSS_DIVERGENCE,),
    "cosine_similarity": (LOSS_COSINE,),
}
METRICS = {"class_accuracy": METRIC_CLASS_ACCURACY, "binary_accuracy": METRIC_BINARY_ACCURACY}
_OF_LABELS = (LOSS_CLASS_LOGITS, LOSS_CLASS_PROBABILITIES, METRIC_CLASS_ACCURACY)
OPTIMIZERS = {
    "sgd": OPTIMIZER_SGD,
    "momentum": OPTIMIZER_MOMENTUM,
    "adam": OPTIMIZER_ADAM,
    "rmsprop": OPTIMIZER_RMSPROP,
    "adagrad": OPTIMIZER_ADAGRAD,
    "adadelta": OPTIMIZER_ADADELTA,
}
ELEMENTARY = {"exp": 0, "log": 1, "tanh": 2, "sigmoid": 3, "log1p": 4, "expm1": 5, "normal_cdf": 6}
MAX_STAGES = DENSEFIT_MAX_STAGES
MAX_METRICS = DENSEFIT_MAX_METRICS


def slot_count(str optimizer not None, dict parameters not None):
    """Arrays of state that the optimizer keeps for each parameter."""
    if optimizer in ("adam", "adadelta"):
        return 2
    if optimizer == "rmsprop":
        return 2 if parameters.get("momentum", 0.0) != 0 else 1
    return 0 if optimizer == "sgd" else 1


def available_isas():
    """Names of the instruction sets that were compiled in and run here, best first."""
    return [densefit_isa_table(i).isa.decode() for i in range(densefit_isa_count())]


def current_isa():
    """The instruction set in use."""
    return table.isa.decode()


def use_isa(str name not None):
    """Use the named instruction set from now on."""
    global table
    for i in range(densefit_isa_count()):
        if densefit_isa_table(i).isa.decode() == name:
            table = densefit_isa_table(i)
            return
    raise ValueError(f"instruction set {name!r} is not available here; these are: "
                     f"{', '.join(available_isas())}")


def processors():
    """Processors this process may run on."""
    return densefit_processors()


cdef const densefit_functions *functions_of(str code):
    return &table.f64 if code == "d" else &table.f32


cdef dict CODE_NAMES = {
    "f": "float32", "d": "float64", "e": "float16", "B": "uint8", "I": "uint32", "Q": "uint64",
    "b": "int8", "h": "int16", "i": "int32", "q": "int64", "?": "bool",
    "l": "int64" if sizeof(long) == 8 else "int32",
}


cdef str type_name(str code):
    """What the buffer protocol's code of a type is called."""
    if code[:1] == "=":
        return f"{CODE_NAMES.get(code[1:], code[1:])} that is not aligned"
    if code[:1] in ("<", ">"):
        return f"{CODE_NAMES.get(code[1:], code[1:])} in the byte order of other machines"
    return CODE_NAMES.get(code, code)


cdef void *address(str name, object array, tuple shape, str code, bint writable,
                   list keep) except? NULL:
    """Address of the array's first element; `keep` then holds its buffer as long as it lives.

    `shape` may hold -1 for any length. `code` is the buffer protocol's letter of the type.
    """
    cdef object view
    try:
        view = memoryview(array)
    except TypeError:
        raise TypeError(f"{name} must be a NumPy array, got {type(array).__name__}") from None
    found = "q" if view.format == "l" and view.itemsize == 8 else view.format
    if found != code:
        raise TypeError(f"{name} must be of type {CODE_NAMES[code]}, got {type_name(found)}")
    if view.ndim != len(shape) or any(e not in (-1, s) for e, s in zip(shape, view.shape)):
        expected = tuple("any" if e == -1 else e for e in shape)
        raise ValueError(f"{name} must have shape {expected}, got {view.shape}")
    if not view.c_contiguous:
        raise ValueError(f"{name} must be C-contiguous")
    if writable and view.readonly:
        raise ValueError(f"{name} is read-only")
    cdef void *first = PyMemoryView_GET_BUFFER(view).buf
    if <size_t>first % <size_t>view.itemsize:
        raise ValueError(f"{name} is not aligned")
    keep.append(view)
    return first


cdef str code_of(str name, object array):
    """The letter of a float array's type."""
    try:
        code = memoryview(array).format
    except TypeError:
        raise TypeError(f"{name} must be a NumPy array, got {type(array).__name__}") from None
    if code not in ("f", "d"):
        raise TypeError(f"{name} must be of type float32 or float64, got {type_name(code)}")
    return code


include "stateless.pxi"


cdef class Nonzeros:
    """Where x (N, D) is not 0, for training on it; once gathered the values are its own, too."""

    cdef readonly int64_t n, d, total
    cdef readonly str code
    cdef int n_threads
    cdef list keep
    cdef uint64_t *masks
    cdef int64_t *starts
    cdef void *values

    def __init__(self, x, int n_threads):
        self.code = code_of("x", x)
        self.n, self.d = x.shape
        self.n_threads = n_threads
        self.keep = []
        cdef void *x_ = address("x", x, (self.n, self.d), self.code, False, [])
        cdef const densefit_functions *f = functions_of(self.code)
        self.masks = <uint64_t *>self._room(8 * self.n * ((self.d + 63) // 64))
        self.starts = <int64_t *>self._room(8 * (self.n + 1))
        with nogil:
            f.mark_nonzeros(self.n, self.d, x_, n_threads, self.masks, self.starts)
        self.total = self.starts[self.n]

    def gather(self, x):
        """Copy the nonzeros of x, the array that was marked."""
        cdef void *x_ = address("x", x, (self.n, self.d), self.code, False, [])
        cdef const densefit_functions *f = functions_of(self.code)
        self.values = self._room(self.total * (8 if self.code == "d" else 4))
        with nogil:
            f.gather_nonzeros(self.n, self.d, x_, self.n_threads, self.masks, self.starts,
                              self.values)

    cdef void *_room(self, int64_t size) except? NULL:
        return address("room", bytearray(size), (-1,), "B", True, self.keep)


cdef class Network:
    """The stages of a network as the kernels see them; holds the parameters' buffers.

    `stages` is a list of ("dense", activation, w, b, l1, l2), ("activation", activation, n, alpha),
    ("dropout", rate, n) and ("noise", rate, n), n the width. `measures` holds the loss and the
    metrics as (kind, of predictions, parameter); `output` is the activation that the stages leave
    to the loss.
    """

    cdef densefit_stage[DENSEFIT_MAX_STAGES] stages
    cdef densefit_network network
    cdef pace pace
    cdef list keep
    cdef readonly str code
    cdef readonly int64_t n_in, n_out
    cdef bint takes_labels

    def __init__(self, list stages not None, str code not None, list measures not None,
                 str output not None):
        if not 0 < len(stages) <= DENSEFIT_MAX_STAGES:
            raise ValueError(f"a network has 1 to {DENSEFIT_MAX_STAGES} stages, got {len(stages)}")
        self.keep = []
        self.code = code
        memset(&self.pace, 0, sizeof(self.pace))
        self.n_in = stages[0][2].shape[0] if stages[0][0] == "dense" else stages[0][2]
        self.n_out = self.n_in
        for i, stage in enumerate(stages):
            memset(&self.stages[i], 0, sizeof(densefit_stage))
            if stage[0] == "dense":
                self._set_dense(&self.stages[i], i, stage)
            else:
                self._set_elementwise(&self.stages[i], stage)
            self.n_out = self.stages[i].n_out
        self.network.stages = self.stages
        self.network.n_stages = len(stages)
        self.network.output = ACTIVATIONS[output]
        self._set_measures(measures)

    cdef _set_measures(self, list measures):
        if not 1 <= len(measures) <= 1 + DENSEFIT_MAX_METRICS:
            raise ValueError(f"a loss and up to {DENSEFIT_MAX_METRICS} metrics, got {measures}")
        cdef densefit_measure *m = &self.network.loss
        self.network.n_metrics = len(measures) - 1
        self.takes_labels = all(kind in _OF_LABELS for kind, _, _ in measures)
        for i, (kind, of_predictions, parameter) in enumerate(measures):
            if i > 0:
                m = &self.network.metrics[i - 1]
            m.kind = kind
            m.of_predictions = of_predictions
            m.parameter = parameter

    cdef _set_dense(self, densefit_stage *s, i, tuple stage):
        _, activation, w, b, l1, l2 = stage
        s.kind = STAGE_DENSE
        s.activation = ACTIVATIONS[activation]
        if activation not in FUSED_ACTIVATIONS:
            raise ValueError(f"{activation} is a stage of its own")
        s.n_in = self.n_out
        s.w = address(f"w of stage {i}", w, (s.n_in, -1), self.code, True, self.keep)
        s.n_out = w.shape[1]
        if b is not None:
            s.b = address(f"b of stage {i}", b, (s.n_out,), self.code, True, self.keep)
        s.l1 = l1
        s.l2 = l2

    cdef _set_elementwise(self, densefit_stage *s, tuple stage):
        kind, detail, n = stage[:3]
        if n != self.n_out:
            raise ValueError(f"a stage of width {n} follows one of width {self.n_out}")
        s.n_in = s.n_out = n
        if kind == "dropout":
            s.kind = STAGE_DROPOUT
            s.rate = detail
            if not 0 <= s.rate < 1:
                raise ValueError(f"a dropout rate lies in [0, 1), got {detail}")
        elif kind == "noise":
            s.kind = STAGE_NOISE
            s.rate = detail
        elif kind == "activation":
            s.kind = STAGE_ACTIVATION
            s.activation = ACTIVATIONS[detail]
            s.alpha = stage[3]
        else:
            raise ValueError(f"unknown kind of stage {kind!r}")

    cdef _set_data(self, densefit_data *data, x, Nonzeros nonzeros, y, weights, order, list keep):
        cdef int64_t rows = len(x)
        memset(data, 0, sizeof(densefit_data))
        if nonzeros is not None:
            if (nonzeros.n, nonzeros.d, nonzeros.code) != (rows, self.n_in, self.code):
                raise ValueError("the nonzeros are those of another array")
            if nonzeros.values == NULL:
                raise ValueError("the nonzeros were not gathered")
            data.masks = nonzeros.masks
            data.starts = nonzeros.starts
            data.values = nonzeros.values
            keep.append(nonzeros)
        data.x = address("x", x, (rows, self.n_in), self.code, False, keep)
        if y is not None and y.ndim == 1 and self.takes_labels:
            data.labels = <const int64_t *>address("y", y, (rows,), "q", False, keep)
            check_labels("y", data.labels, rows, self.n_out)
        elif y is not None:
            data.targets = address("y", y, (rows, self.n_out), self.code, False, keep)
        if weights is not None:
            data.weights = address("sample_weight", weights, (rows,), self.code, False, keep)
        data.n = rows
        if order is not None:
            data.order = <const int64_t *>address("order", order, (-1,), "q", False, keep)
            data.n = len(order)
            check_indices("order", data.order, data.n, rows)

    cdef _set_slots(self, list slots, int count, list keep):
        """slots holds, for each dense stage, [slots of w] and [slots of b] or None."""
        cdef int64_t i
        cdef int k
        cdef densefit_stage *s
        given = iter(slots)
        for i in range(self.network.n_stages):
            s = &self.stages[i]
            if s.kind != STAGE_DENSE:
                continue
            w_slots, b_slots = next(given)
            for k in range(count):
                s.w_slots[k] = address(f"slot {k} of w of stage {i}", w_slots[k],
                                       (s.n_in, s.n_out), self.code, True, keep)
                if s.b != NULL:
                    s.b_slots[k] = address(f"slot {k} of b of stage {i}", b_slots[k], (s.n_out,),
                                           self.code, True, keep)

    def training(self, str optimizer not None, dict parameters not None, list slots not None,
                 x, nonzeros, y, order, learning_rates, sample_weight, int64_t batch_size,
                 uint64_t seed, uint32_t first_step, uint64_t first_update, int n_threads,
                 bint adaptive):
        """The call of the mini-batches, checked and ready to run."""
        cdef Training t = Training.__new__(Training)
        t.keep = []
        t.network = self
        t.functions = functions_of(self.code)
        t.call.optimizer.kind = OPTIMIZERS[optimizer]
        t.call.optimizer.nesterov = bool(parameters.get("nesterov", False))
        t.call.optimizer.momentum = parameters.get("momentum", 0.0)
        t.call.optimizer.rho = parameters.get("rho", 0.0)
        t.call.optimizer.beta_1 = parameters.get("beta_1", 0.0)
        t.call.optimizer.beta_2 = parameters.get("beta_2", 0.0)
        t.call.optimizer.epsilon = parameters.get("epsilon", 0.0)
        self._set_slots(slots, slot_count(optimizer, parameters), t.keep)
        if y is None:
            raise TypeError("y is missing")
        self._set_data(&t.call.data, x, nonzeros, y, sample_weight, order, t.keep)
        t.call.network = self.network
        t.call.learning_rates = <const double *>address("learning_rates", learning_rates, (-1,),
                                                        "d", False, t.keep)
        t.call.n_steps = len(learning_rates)
        t.call.batch_size = batch_size
        t.call.seed = seed
        t.call.first_step = first_step
        t.call.first_update = first_update
        t.call.n_threads = n_threads
        t.call.adaptive = adaptive
        t.call.pace = &self.pace
        if batch_size < 1 or n_threads < 1:
            raise ValueError("batch_size and n_threads must be at least 1, "
                             f"got {batch_size} and {n_threads}")
        if (t.call.n_steps - 1) * batch_size >= t.call.data.n > 0:
            raise ValueError(f"{t.call.n_steps} mini-batches of {batch_size} need more samples "
                             f"than the {t.call.data.n} in order")
        return t

    def evaluate(self, x, nonzeros, y, sample_weight, outputs, workspace, int n_threads):
        """Fill outputs (n, n_out) unless None; return the totals unless y is None."""
        cdef list keep = []
        cdef densefit_data data
        cdef densefit_totals totals
        cdef const densefit_functions *f = functions_of(self.code)
        cdef void *outputs_ = NULL
        cdef void *workspace_ = address("workspace", workspace, (-1,), "B", True, keep)
        cdef bint scored = y is not None
        self._set_data(&data, x, nonzeros, y, sample_weight, None, keep)
        if outputs is not None:
            outputs_ = address("outputs", outputs, (data.n, self.n_out), self.code, True, keep)
        if n_threads < 1 or len(workspace) < self.evaluate_workspace(data.n, n_threads):
            raise ValueError("workspace is too small, or n_threads below 1")
        with nogil:
            f.evaluate(&self.network, &data, n_threads, workspace_, outputs_,
                       &totals if scored else NULL)
        return self.sums(&totals) if scored else None

    cdef tuple sums(self, const densefit_totals *totals):
        metrics = tuple(totals.metrics[i] for i in range(self.network.n_metrics))
        return totals.loss, totals.penalty, metrics

    def evaluate_workspace(self, int64_t n, int n_threads):
        """Bytes of the workspace that evaluate needs."""
        return functions_of(self.code).evaluate_workspace(&self.network, n, n_threads)


cdef class Training:
    """A checked call of `train`; `workspace_bytes` tells what `run` must be given."""

    cdef densefit_training call
    cdef const densefit_functions *functions
    cdef Network network
    cdef list keep

    @property
    def workspace_bytes(self):
        """Bytes of the workspace."""
        return self.functions.train_workspace(&self.call)

    def run(self, workspace, tuple before not None):
        """Train; return the sums of loss, penalty and metrics, counted on from `before`."""
        cdef list keep = []
        cdef densefit_totals totals
        totals.loss, totals.penalty, metrics = before
        if len(metrics) != self.network.network.n_metrics:
            raise ValueError(f"the network has {self.network.network.n_metrics} metrics, "
                             f"before {len(metrics)}")
        for i, value in enumerate(metrics):
            totals.metrics[i] = value
        cdef void *workspace_ = address("workspace", workspace, (-1,), "B", True, keep)
        if len(workspace) < self.workspace_bytes:
            raise ValueError("workspace is too small")
        with nogil:
            self.functions.train(&self.call, workspace_, &totals)
        return self.network.sums(&totals)
