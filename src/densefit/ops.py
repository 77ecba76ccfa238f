"""Everything the compiled kernels do, with allocation, dtype and contiguity decided here.

This is the only module that imports ``densefit._kernels``.

a. Floating-point work is done in float32 or float64; other numeric input becomes float64 in the
   stateless functions and the network's dtype in a network.
b. Arrays reach the kernels C-contiguous and finite: a NaN or an infinity in the input is an error
   that names its position, never something to train on.
c. The number of threads never changes a result, so it is a matter of speed alone and is chosen
   here (``set_num_threads``, ``DENSEFIT_NUM_THREADS``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from densefit import _kernels
from densefit.measures import Accuracy, Loss, Metric
from densefit.stages import (
    Activation,
    Dense,
    Dropout,
    GaussianNoise,
    Stage,
    Totals,
    describe,
    without_activation,
)
from densefit.validation import (
    Floats,
    Integers,
    as_float_array,
    as_float_arrays,
    as_labels,
    check_seed,
    require_2d,
    require_shape,
)

__all__ = [
    "MAX_METRICS",
    "Accuracy",
    "Activation",
    "Dense",
    "Dropout",
    "GaussianNoise",
    "Inputs",
    "Loss",
    "Metric",
    "Network",
    "Optimizer",
    "Totals",
    "as_float_array",
    "as_float_arrays",
    "as_labels",
    "available_isas",
    "current_isa",
    "fresh_seed",
    "get_num_threads",
    "normal",
    "permutation",
    "processors",
    "set_num_threads",
    "slot_count",
    "truncated_normal",
    "uniform",
    "use_isa",
]

available_isas = _kernels.available_isas
current_isa = _kernels.current_isa
MAX_METRICS = _kernels.MAX_METRICS
processors = _kernels.processors

if os.environ.get("DENSEFIT_ISA"):
    _kernels.use_isa(os.environ["DENSEFIT_ISA"])


@contextmanager
def use_isa(name: str) -> Iterator[None]:
    """Within the ``with`` block, compute with the named instruction set (``available_isas``)."""
    before = current_isa()
    _kernels.use_isa(name)
    try:
        yield
    finally:
        _kernels.use_isa(before)


# Multiply-adds per step below which a second thread is not worth trying.
MIN_WORK_PER_THREAD = 100_000
# Whether training measures if its threads pay, and goes on with one where they do not.
ADAPTIVE_THREADS = True


def _threads_from_environment() -> int:
    text = os.environ.get("DENSEFIT_NUM_THREADS", "")
    if not text:
        # joblib and batch systems say in OMP_NUM_THREADS what a process may use of the machine.
        shared, processors = os.environ.get("OMP_NUM_THREADS", ""), int(_kernels.processors())
        return min(int(shared), processors) if shared.isdecimal() and int(shared) else processors
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"DENSEFIT_NUM_THREADS must be a positive integer, got {text!r}")
    return int(text)


_num_threads = _threads_from_environment()


def get_num_threads() -> int:
    """Most threads that a call may use."""
    return _num_threads


def set_num_threads(n: int) -> None:
    """Let calls use up to ``n`` threads; results are the same bits for every ``n``.

    Raises ValueError unless ``n`` is a positive integer.
    """
    global _num_threads
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"the number of threads must be a positive integer, got {n!r}")
    _num_threads = int(n)


def _threads_for(multiply_adds: int) -> int:
    return max(1, min(_num_threads, multiply_adds // MIN_WORK_PER_THREAD))


def dense_forward(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> Floats:
    """z = x·w + b."""
    x, w, b = as_float_arrays(x=x, w=w, b=b)
    require_2d(x=x, w=w)
    require_shape("w", w, (x.shape[1], w.shape[1]), f"to follow x of shape {x.shape}")
    require_shape("b", b, (w.shape[1],), f"for w of shape {w.shape}")
    z = np.empty((len(x), w.shape[1]), x.dtype)
    _kernels.dense_forward(x, w, b, z)
    return z


def dense_backward(dz: ArrayLike, x: ArrayLike, w: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """dx, dw, db of z = x·w + b from dz."""
    dz, x, w = as_float_arrays(dz=dz, x=x, w=w)
    require_2d(dz=dz, x=x, w=w)
    require_shape("w", w, (x.shape[1], w.shape[1]), f"to follow x of shape {x.shape}")
    require_shape("dz", dz, (len(x), w.shape[1]), f"for x {x.shape} and w {w.shape}")
    dx, dw, db = np.empty_like(x), np.empty_like(w), np.empty(w.shape[1], x.dtype)
    size = _kernels.dense_backward_scratch(x.dtype.char, len(x), w.shape[1])
    _kernels.dense_backward(dz, x, w, dx, dw, db, _workspace(size))
    return dx, dw, db


def activation_forward(name: str, z: ArrayLike) -> Floats:
    """a = activation(z), elementwise; any shape."""
    (z,) = as_float_arrays(z=z)
    a = np.empty_like(z, order="C")
    _kernels.activation_forward(name, z.reshape(-1), a.reshape(-1))
    return a


def activation_backward(name: str, da: ArrayLike, z: ArrayLike) -> Floats:
    """dz = da · activation'(z), elementwise; any shape."""
    da, z = as_float_arrays(da=da, z=z)
    require_shape("da", da, z.shape, "like z")
    dz = np.empty_like(z, order="C")
    _kernels.activation_backward(name, da.reshape(-1), z.reshape(-1), dz.reshape(-1))
    return dz


def softmax(z: ArrayLike) -> Floats:
    """p = exp(z) / Σ exp(z) over the rows."""
    (z,) = as_float_arrays(z=z)
    require_2d(z=z)
    _require_classes(z)
    p = np.empty_like(z)
    _kernels.softmax(z, p)
    return p


def _require_classes(z: Floats) -> None:
    if z.shape[1] == 0:
        raise ValueError(f"z must have at least one class, got shape {z.shape}")


def softmax_cross_entropy(z: ArrayLike, y: ArrayLike) -> tuple[float, Floats]:
    """Mean loss and its gradient with respect to z."""
    (z,) = as_float_arrays(z=z)
    require_2d(z=z)
    _require_classes(z)
    target = np.asarray(y)
    if target.ndim == 2 and target.shape[1] == z.shape[1] != 1:
        target = as_float_array("y", target, z.dtype)
    else:
        target = as_labels("y", target, z.shape[1])
    if len(target) != len(z):
        raise ValueError(
            f"y must have {len(z)} entries for z of shape {z.shape}, got {len(target)}"
        )
    if len(z) == 0:
        raise ValueError(f"the mean loss of no samples is undefined: z has shape {z.shape}")
    dz, losses = np.empty_like(z), np.empty(len(z))
    _kernels.softmax_cross_entropy(z, target, dz, losses)
    return float(sum(losses.tolist()) / len(z)), dz


def sgd_update(param: ArrayLike, grad: ArrayLike, learning_rate: float) -> Floats:
    """param - learning_rate · grad."""
    param, grad = as_float_arrays(param=param, grad=grad)
    require_shape("grad", grad, param.shape, "like param")
    out = np.empty_like(param, order="C")
    _kernels.sgd_update(param.reshape(-1), grad.reshape(-1), float(learning_rate), out.reshape(-1))
    return out


def elementary(name: str, x: Floats) -> Floats:
    """exp, log, tanh or sigmoid of every element, with the kernels' own arithmetic."""
    x = np.ascontiguousarray(x)
    y = np.empty_like(x)
    _kernels.elementary(name, x.reshape(-1), y.reshape(-1))
    return y


def fresh_seed() -> int:
    """A seed from the operating system, below 2⁵³ so that JSON keeps it."""
    return secrets.randbits(53)


def uniform(seed: int, stream: int, size: int, first: int = 0) -> NDArray[np.float64]:
    """Deviates ``first`` to ``first + size`` of the numbered stream of the seed, first even.

    Uniform in [0, 1), shape (size,).
    """
    out = np.empty(size)
    _kernels.random_uniform(check_seed(seed), stream, _even(first), out)
    return out


def normal(seed: int, stream: int, size: int, first: int = 0) -> NDArray[np.float64]:
    """Standard normal deviates by inversion of ``uniform``'s, shape (size,)."""
    out = np.empty(size)
    _kernels.random_normal(check_seed(seed), stream, 0.0, 1.0, _even(first), out)
    return out


def truncated_normal(seed: int, stream: int, size: int, first: int = 0) -> NDArray[np.float64]:
    """Standard normal deviates between -2 and 2, shape (size,)."""
    low, high = 0.022750131948179209, 0.97724986805182079
    out = np.empty(size)
    _kernels.random_normal(check_seed(seed), stream, low, high, _even(first), out)
    return out


def _even(first: int) -> int:
    if first < 0 or first % 2:
        raise ValueError(f"a stream is entered at an even number, got {first}")
    return first


def permutation(seed: int, epoch: int, n: int) -> Integers:
    """The order in which the numbered epoch visits ``n`` samples, shape (n,)."""
    out = np.empty(n, np.int64)
    _kernels.random_permutation(check_seed(seed), epoch, out)
    return out


@dataclass(frozen=True, eq=False)
class Optimizer:
    """An optimizer by its name, its hyper-parameters, and its state.

    ``name`` and ``parameters`` are Keras's: "sgd" (momentum, nesterov), "adam" (beta_1, beta_2,
    epsilon), "rmsprop" (rho, momentum, epsilon), "adagrad" (epsilon), "adadelta" (rho, epsilon).
    ``iterations`` counts the updates it has made before. ``slots[i]`` holds the ``slot_count``
    arrays of the i-th parameter, of its shape, in the order w, b of the first dense stage, w, b of
    the next; a bias that is absent is left out.
    """

    name: str
    parameters: dict[str, float] = field(default_factory=dict)
    slots: Sequence[Sequence[Floats]] = ()
    iterations: int = 0

    def __post_init__(self) -> None:
        _require_known("optimizer", self.name, _kernels.OPTIMIZERS)


def slot_count(name: str, parameters: dict[str, float]) -> int:
    """Arrays of state that the optimizer keeps for each parameter."""
    return _kernels.slot_count(_kernel_optimizer(name, parameters), parameters)


def _kernel_optimizer(name: str, parameters: dict[str, float]) -> str:
    """The kernels' name: SGD with momentum is one of its own."""
    _require_known("optimizer", name, _kernels.OPTIMIZERS)
    return "momentum" if name == "sgd" and parameters.get("momentum", 0.0) != 0.0 else name


# Above this share of nonzeros, skipping the zeros of the input costs more than it saves.
MAX_DENSITY = 0.8


class Inputs:
    """The inputs of a training, looked through once: where they are 0, the products skip them.

    ``x`` (N, D) must not change while this is used. It changes no bit of any result.
    """

    def __init__(self, x: Floats) -> None:
        self.x = x
        self.nonzeros: _kernels.Nonzeros | None = None
        nonzeros = _kernels.Nonzeros(x, _threads_for(x.size)) if x.size else None
        if nonzeros is not None and nonzeros.total <= MAX_DENSITY * x.size:
            nonzeros.gather(x)
            self.nonzeros = nonzeros

    def __len__(self) -> int:
        return len(self.x)


def _kernel_measure(measure: Metric, taken: str) -> tuple[int, bool, float]:
    """Its kind, whether it is of the predictions, and its parameter; ``taken`` is the activation
    that the loss has taken over.
    """
    if isinstance(measure, Accuracy):
        if measure.binary:
            return _kernels.METRICS["binary_accuracy"], True, measure.threshold
        return _kernels.METRICS["class_accuracy"], False, 0.0
    left = measure.takes_over(taken)
    kind = _kernels.LOSSES[measure.name][measure.from_logits or left]
    return kind, not left, measure.label_smoothing


def _require_known(kind: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise ValueError(f"the kernels have no {kind} {name!r}; they have {', '.join(known)}")


def _workspace(size: int) -> NDArray[np.uint8]:
    """``size`` bytes that begin at a cache line."""
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size]


class Network:
    """A network laid out for the kernels, of the given stages, on ``n_in`` inputs.

    The arrays of the stages stay the caller's: training updates them in place.
    """

    def __init__(self, stages: Sequence[Stage], n_in: int, dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self.stages = tuple(stages)
        self.n_in = n_in
        self._described = list(describe(stages, n_in))
        for kind, activation, *_ in self._described:
            if kind in ("dense", "activation"):
                _require_known("activation", activation, _kernels.ACTIVATIONS)
        self._last_activation = self._described[-1][1] if self._described else "linear"
        self._built: dict[tuple[Loss, tuple[Metric, ...]], Any] = {}
        self._memory = _workspace(0)
        self._work = sum(s.w.size for s in stages if isinstance(s, Dense))

    def train(
        self,
        x: Floats | Inputs,
        y: NDArray[Any],
        order: Integers,
        learning_rates: NDArray[np.float64],
        *,
        loss: Loss,
        optimizer: Optimizer,
        batch_size: int,
        seed: int,
        step: int,
        metrics: Sequence[Metric] = (),
        sample_weight: Floats | None = None,
        before: Totals | None = None,
    ) -> Totals:
        """Train ``len(learning_rates)`` mini-batches; batch i takes the i-th slice of ``order``.

        ``x`` has shape (N, n_in), ``y`` (N,) labels or (N, n_out) values, ``sample_weight`` (N,).
        The sums are counted on from ``before``, the totals of the call before this one, so that
        those of an epoch are the same bits however many calls it is cut into.

        ``step`` numbers the first of them since training began: with ``seed`` it decides which
        units dropout drops, so that training in several calls gives the same bits as in one.
        """
        threads = _threads_for(self._work * min(batch_size, len(order)))
        x, nonzeros = _parts(x)
        call = self._network(loss, metrics).training(
            _kernel_optimizer(optimizer.name, optimizer.parameters),
            optimizer.parameters,
            self._pair_slots(optimizer),
            x,
            nonzeros,
            y,
            order,
            learning_rates,
            sample_weight,
            batch_size,
            check_seed(seed),
            step,
            optimizer.iterations,
            threads,
            ADAPTIVE_THREADS,
        )
        before = before or Totals(0.0, 0.0, 0, (0.0,) * len(metrics))
        sums = before.loss, before.penalty, before.metrics
        sums = call.run(self._workspace(call.workspace_bytes), sums)
        samples = min(len(order), len(learning_rates) * batch_size)
        return Totals(sums[0], sums[1], before.samples + samples, sums[2])

    def evaluate(
        self,
        x: Floats | Inputs,
        y: NDArray[Any],
        *,
        loss: Loss,
        metrics: Sequence[Metric] = (),
        sample_weight: Floats | None = None,
    ) -> Totals:
        """Sums of loss and metrics with dropout off; they do not depend on any batch size.

        ``x`` has shape (N, n_in), ``y`` (N,) labels or (N, n_out) values, ``sample_weight`` (N,).
        """
        network = self._network(loss, metrics)
        loss_sum, penalty, sums = self._forward(network, x, y, sample_weight, None)
        return Totals(loss_sum, penalty, len(x), sums)

    def predict(self, x: Floats | Inputs) -> Floats:
        """The outputs (N, n_out) for ``x`` (N, n_in)."""
        network = self._predicting
        outputs = np.empty((len(x), network.n_out), self.dtype)
        self._forward(network, x, None, None, outputs)
        return outputs

    def _forward(
        self,
        network: Any,
        x: Floats | Inputs,
        y: NDArray[Any] | None,
        sample_weight: Floats | None,
        outputs: Floats | None,
    ) -> Any:
        threads = _threads_for(self._work * len(x))
        memory = self._workspace(network.evaluate_workspace(len(x), threads))
        x, nonzeros = _parts(x)
        return network.evaluate(x, nonzeros, y, sample_weight, outputs, memory, threads)

    @cached_property
    def _predicting(self) -> Any:
        """The kernels' network where no loss is asked for."""
        return self._network(Loss("mean_squared_error"))

    def _network(self, loss: Loss, metrics: Sequence[Metric] = ()) -> Any:
        """The kernels' network; a loss that takes over the last activation is left with it."""
        key = loss, tuple(metrics)
        if key not in self._built:
            taken = self._last_activation if loss.takes_over(self._last_activation) else "linear"
            stages = self._described if taken == "linear" else without_activation(self._described)
            self._built[key] = _kernels.Network(
                stages or [("activation", "linear", self.n_in, 0.0)],
                self.dtype.char,
                [_kernel_measure(measure, taken) for measure in (loss, *metrics)],
                taken,
            )
        return self._built[key]

    def _pair_slots(self, optimizer: Optimizer) -> list[tuple[Any, Any]]:
        slots = iter(optimizer.slots)
        return [
            (next(slots, ()), next(slots, ()) if stage.b is not None else ())
            for stage in self.stages
            if isinstance(stage, Dense)
        ]

    def _workspace(self, size: int) -> NDArray[np.uint8]:
        if size > len(self._memory):
            self._memory = _workspace(size)
        return self._memory


def _parts(x: Floats | Inputs) -> tuple[Floats, _kernels.Nonzeros | None]:
    return (x.x, x.nonzeros) if isinstance(x, Inputs) else (x, None)
