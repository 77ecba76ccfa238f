"""The networks of ``densefit.ops`` in plain NumPy: the same batches, the same updates.

The test oracle of training: written from the formulas, sharing no code with the kernels; even
the words that decide what dropout drops are computed here from the published algorithm.
Every stage keeps what its backward pass needs; ``Network`` runs them in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exact_activations import CURVES
from exact_losses import ON_LOGITS, ON_OUTPUTS, sigmoid, softmax

Array = NDArray[np.floating]
Labels = NDArray[np.int64]
Draw = tuple[int, int]  # seed and step


@dataclass
class Totals:
    loss: float = 0.0
    penalty: float = 0.0
    samples: int = 0
    metrics: tuple[float, ...] = ()


def random_words(
    seed: int, step: int, stage: int, shape: tuple[int, int], purpose: int = 3
) -> NDArray[np.uint64]:
    """The 32-bit words that decide what a mini-batch drops, one per element.

    Word j mod 4 of Philox4x32-10 (Salmon et al. 2011) at the counter
    (j // 4, row, step, purpose + 256 · stage), the key being the seed.
    """
    n, m = shape
    column, row = np.meshgrid(np.arange(-(-m // 4)), np.arange(n))
    c = [np.asarray(v, dtype=np.uint64) for v in (column, row, step, purpose + 256 * stage)]
    mask, k0, k1 = np.uint64(0xFFFFFFFF), seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [
            (p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0),
            p1 & mask,
            (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1),
            p0 & mask,
        ]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    words = np.stack(np.broadcast_arrays(*c), axis=-1)
    return words.reshape(n, -1)[:, :m]


def _activate(name: str, z: Array, alpha: float = 0.0) -> Array:
    match name:
        case "linear":
            return z
        case "relu":
            return np.maximum(z, 0)
        case "tanh":
            return np.tanh(z)
        case "sigmoid":
            return sigmoid(z)
        case "softmax":
            return softmax(z)
    return np.asarray(CURVES[name](z, alpha)[0])


def _activation_gradient(name: str, da: Array, z: Array, a: Array, alpha: float = 0.0) -> Array:
    match name:
        case "linear":
            return da
        case "relu":
            return da * (z > 0)
        case "tanh":
            return da * (1 - a * a)
        case "sigmoid":
            return da * a * (1 - a)
        case "softmax":
            return a * (da - (da * a).sum(axis=1, keepdims=True))
    return np.asarray(da * CURVES[name](z, alpha)[1])


class Stage:
    """One step of the network; ``forward`` keeps what ``backward`` needs."""

    index = 0  # among the stages of the network

    def forward(self, x: Array, draw: Draw | None) -> Array:
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        raise NotImplementedError

    def parameters(self) -> list[Array]:
        return []

    def gradients(self) -> list[Array]:
        return []

    def penalty(self) -> float:
        return 0.0


class Dense(Stage):
    def __init__(
        self,
        w: Array,
        b: Array | None,
        activation: str = "linear",
        w_l1: float = 0.0,
        w_l2: float = 0.0,
    ) -> None:
        _activate(activation, np.zeros((1, 1)))
        self.w, self.b, self.activation, self.w_l1, self.w_l2 = w, b, activation, w_l1, w_l2

    def forward(self, x: Array, draw: Draw | None) -> Array:
        self.x = x
        self.z = x @ self.w if self.b is None else x @ self.w + self.b
        self.a = _activate(self.activation, self.z)
        return self.a

    def backward(self, dy: Array) -> Array:
        dz = _activation_gradient(self.activation, dy, self.z, self.a)
        self.dw = self.x.T @ dz + self.w_l1 * np.sign(self.w) + 2 * self.w_l2 * self.w
        self.db = dz.sum(axis=0)
        return dz @ self.w.T

    def parameters(self) -> list[Array]:
        return [self.w] if self.b is None else [self.w, self.b]

    def gradients(self) -> list[Array]:
        return [self.dw] if self.b is None else [self.dw, self.db]

    def penalty(self) -> float:
        return float(self.w_l1 * np.abs(self.w).sum() + self.w_l2 * (self.w**2).sum())


class Activation(Stage):
    def __init__(self, name: str, alpha: float = 0.0) -> None:
        _activate(name, np.zeros((1, 1)))
        self.name, self.alpha = name, alpha

    def forward(self, x: Array, draw: Draw | None) -> Array:
        self.z, self.a = x, _activate(self.name, x, self.alpha)
        return self.a

    def backward(self, dy: Array) -> Array:
        return _activation_gradient(self.name, dy, self.z, self.a, self.alpha)


class Dropout(Stage):
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def forward(self, x: Array, draw: Draw | None) -> Array:
        self.mask = np.ones_like(x)
        if draw is not None:
            kept = random_words(*draw, self.index, x.shape) >= int(self.rate * 2**32)
            self.mask = kept.astype(x.dtype) / x.dtype.type(1 - self.rate)
        return x * self.mask

    def backward(self, dy: Array) -> Array:
        return dy * self.mask


class GaussianNoise(Stage):
    def __init__(self, stddev: float) -> None:
        self.stddev = stddev

    def forward(self, x: Array, draw: Draw | None) -> Array:
        if draw is None:
            return x
        n, m = x.shape
        words = random_words(*draw, self.index, (n, 2 * m), purpose=4).reshape(n, m, 2)
        bits = (words[..., 0] << np.uint64(32) | words[..., 1]) >> np.uint64(11)
        quantile = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])
        return x + self.stddev * quantile(bits * 2.0**-53)

    def backward(self, dy: Array) -> Array:
        return dy


@dataclass
class Loss:
    name: str
    from_logits: bool = False
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in ON_OUTPUTS:
            raise ValueError(f"loss {self.name!r} is not one of {', '.join(ON_OUTPUTS)}")

    def __call__(self, out: Array, y: NDArray[np.generic]) -> tuple[Array, Array]:
        """Loss of every sample and gradient with respect to ``out``."""
        target = np.eye(out.shape[1])[y] if y.ndim == 1 else y.astype(np.float64)
        share = 0.5 if self.name == "binary_crossentropy" else 1 / out.shape[1]
        target = target * (1 - self.label_smoothing) + self.label_smoothing * share
        table: dict[str, Any] = ON_LOGITS if self.from_logits else ON_OUTPUTS
        # A cross-entropy takes over the softmax or sigmoid before it, and then clips nothing.
        clip = {"epsilon": 1e-300} if self.name in ON_LOGITS and not self.from_logits else {}
        return table[self.name](out.astype(np.float64), target, **clip)


@dataclass
class Accuracy:
    binary: bool = False
    threshold: float = 0.5

    def __call__(self, out: Array, y: NDArray[np.generic]) -> tuple[Array, None]:
        if self.binary:
            return ((out > self.threshold) == y).mean(axis=1), None
        return out.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1)), None


@dataclass
class Optimizer:
    name: str
    parameters: dict[str, float]
    slots: list[list[Array]] = field(default_factory=list)
    iterations: int = 0

    def update(self, parameters: list[Array], gradients: list[Array], rate: float) -> None:
        self.iterations += 1
        for w, dw, slots in zip(parameters, gradients, self.slots, strict=True):
            w += getattr(self, self.name)(dw, rate, slots, **self.parameters)

    def sgd(
        self, dw: Array, rate: float, slots: list[Array], momentum: float, nesterov: float
    ) -> Array:
        if not momentum:
            return -rate * dw
        slots[0][...] = momentum * slots[0] - rate * dw
        return momentum * slots[0] - rate * dw if nesterov else slots[0]

    def adam(
        self, dw: Array, rate: float, slots: list[Array], beta_1: float, beta_2: float,
        epsilon: float,
    ) -> Array:  # fmt: skip
        m, v = slots
        m[...] = beta_1 * m + (1 - beta_1) * dw
        v[...] = beta_2 * v + (1 - beta_2) * dw**2
        rate *= np.sqrt(1 - beta_2**self.iterations) / (1 - beta_1**self.iterations)
        return -rate * m / (np.sqrt(v) + epsilon)

    def rmsprop(
        self, dw: Array, rate: float, slots: list[Array], rho: float, momentum: float,
        epsilon: float,
    ) -> Array:  # fmt: skip
        slots[0][...] = rho * slots[0] + (1 - rho) * dw**2
        step = rate * dw / np.sqrt(slots[0] + epsilon)
        if not momentum:
            return -step
        slots[1][...] = momentum * slots[1] + step
        return -slots[1]

    def adagrad(self, dw: Array, rate: float, slots: list[Array], epsilon: float) -> Array:
        slots[0][...] += dw**2
        return -rate * dw / np.sqrt(slots[0] + epsilon)

    def adadelta(
        self, dw: Array, rate: float, slots: list[Array], rho: float, epsilon: float
    ) -> Array:
        v, u = slots
        v[...] = rho * v + (1 - rho) * dw**2
        step = -np.sqrt(u + epsilon) / np.sqrt(v + epsilon) * dw
        u[...] = rho * u + (1 - rho) * step**2
        return rate * step


def Inputs(x: Array) -> Array:
    return x


def slot_count(name: str, parameters: dict[str, float]) -> int:
    if name in ("adam", "adadelta"):
        return 2
    return int(name in ("adagrad", "rmsprop")) + bool(parameters.get("momentum"))


class Network:
    def __init__(self, stages: Sequence[Stage], n_in: int, dtype: DTypeLike) -> None:
        self.stages, self.n_in, self.dtype = list(stages), n_in, np.dtype(dtype)
        for i, stage in enumerate(self.stages):
            stage.index = i

    def _forward(self, x: Array, draw: Draw | None) -> Array:
        for stage in self.stages:
            x = stage.forward(x, draw)
        return x

    def _score(
        self,
        totals: Totals,
        loss: Loss,
        metrics: Sequence[Loss | Accuracy],
        out: Array,
        y: NDArray[np.generic],
        weight: Array,
    ) -> Array:
        """Add a batch to ``totals`` and return d(mean loss)/d(out)."""
        each, gradient = loss(out, y)
        totals.loss += float((weight * each).sum())
        totals.penalty += len(out) * sum(stage.penalty() for stage in self.stages)
        sums = (float(metric(out, y)[0].sum()) for metric in metrics)
        before = totals.metrics or (0.0,) * len(metrics)
        totals.metrics = tuple(a + b for a, b in zip(before, sums, strict=True))
        totals.samples += len(out)
        return (gradient * weight[:, None] / len(out)).astype(self.dtype)

    def train(
        self,
        x: Array,
        y: NDArray[np.generic],
        order: Labels,
        learning_rates: NDArray[np.float64],
        *,
        loss: Loss,
        optimizer: Optimizer,
        batch_size: int,
        seed: int,
        step: int,
        metrics: Sequence[Loss | Accuracy] = (),
        sample_weight: Array | None = None,
        before: Totals | None = None,
    ) -> Totals:
        totals = before or Totals()
        weight = np.ones(len(x)) if sample_weight is None else sample_weight
        parameters = [p for stage in self.stages for p in stage.parameters()]
        for i, rate in enumerate(learning_rates):
            batch = order[i * batch_size : (i + 1) * batch_size]
            out = self._forward(x[batch], (seed, step + i))
            delta = self._score(totals, loss, metrics, out, y[batch], weight[batch])
            for stage in reversed(self.stages):
                delta = stage.backward(delta)
            gradients = [g for stage in self.stages for g in stage.gradients()]
            optimizer.update(parameters, gradients, float(rate))
        return totals

    def evaluate(
        self,
        x: Array,
        y: NDArray[np.generic],
        *,
        loss: Loss,
        metrics: Sequence[Loss | Accuracy] = (),
        sample_weight: Array | None = None,
    ) -> Totals:
        totals = Totals()
        weight = np.ones(len(x)) if sample_weight is None else sample_weight
        self._score(totals, loss, metrics, self._forward(x, None), y, weight)
        return totals

    def predict(self, x: Array) -> Array:
        return self._forward(x, None)
