"""Networks for the kernel tests, and the same training in plain NumPy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from densefit import _kernels, ops, reference


@dataclass
class Case:
    """A small network, data for it, and how it is trained."""

    dtype: type = np.float64
    widths: tuple[int, ...] = (13, 9, 7, 4)
    activation: str = "tanh"
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    optimizer: dict[str, float] = field(default_factory=dict)
    samples: int = 37
    batch_size: int = 8
    epochs: int = 2
    rate: float = 0.1
    one_hot: bool = False
    weighted: bool = False
    hidden_softmax: bool = False
    optimizer_name: str = "sgd"
    list_zeros: bool = True  # whether the kernels may skip them
    zeros: float = 0.0  # share of the inputs that are exactly 0
    seed: int = 5

    def parameters(self) -> list[np.ndarray]:
        return [
            array
            for i, (n_in, n_out) in enumerate(zip(self.widths, self.widths[1:], strict=False))
            for array in (
                (ops.uniform(self.seed, i, n_in * n_out).reshape(n_in, n_out) - 0.5).astype(
                    self.dtype
                ),
                np.full(n_out, 0.01, self.dtype),
            )
        ]

    def network(self, parameters: list[np.ndarray]) -> ops.Network:
        stages: list[ops.Stage] = []
        last = len(self.widths) - 2
        for i in range(last + 1):
            w, b = parameters[2 * i : 2 * i + 2]
            activation = "softmax" if i == last else self.activation
            stages.append(ops.Dense(w, b, activation, self.l1, self.l2))
            if i < last and self.dropout:
                stages.append(ops.Dropout(self.dropout))
            if i == 0 and last > 0 and self.hidden_softmax:
                stages.append(ops.Activation("softmax"))
        return ops.Network(stages, self.widths[0], self.dtype)

    def data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        rng = np.random.default_rng(self.seed)
        x = rng.normal(size=(self.samples, self.widths[0])).astype(self.dtype)
        x[rng.random(x.shape) < self.zeros] = 0
        labels = rng.integers(0, self.widths[-1], self.samples)
        y = np.eye(self.widths[-1], dtype=self.dtype)[labels] if self.one_hot else labels
        return x, y, rng.random(self.samples).astype(self.dtype) if self.weighted else None

    @property
    def steps(self) -> int:
        return -(-self.samples // self.batch_size)

    def train(self, pieces: int = 1) -> tuple[list[np.ndarray], list[ops.Totals]]:
        """Parameters (and slots), and the totals of the epochs, from the kernels."""
        parameters = self.parameters()
        network, (x, y, weight) = self.network(parameters), self.data()
        x = ops.Inputs(x) if self.zeros and self.list_zeros else x
        count = ops.slot_count(self.optimizer_name, self.optimizer)
        slots = [[np.zeros_like(p) for _ in range(count)] for p in parameters]
        totals = []
        for epoch in range(self.epochs):
            order = ops.permutation(self.seed, epoch, self.samples)
            done = None
            for steps in np.array_split(np.arange(self.steps), pieces):
                done = network.train(
                    x,
                    y,
                    order[steps[0] * self.batch_size :],
                    np.full(len(steps), self.rate),
                    loss=ops.Loss(f"{'' if self.one_hot else 'sparse_'}categorical_crossentropy"),
                    optimizer=ops.Optimizer(
                        self.optimizer_name,
                        self.optimizer,
                        slots,
                        epoch * self.steps + int(steps[0]),
                    ),
                    batch_size=self.batch_size,
                    seed=self.seed,
                    step=epoch * self.steps + int(steps[0]),
                    sample_weight=weight,
                    before=done,
                )
            totals.append(done)
        return parameters + [s for slot in slots for s in slot], totals

    def digest(self, pieces: int = 1) -> str:
        arrays, totals = self.train(pieces)
        sums = repr(totals).encode()
        return hashlib.sha256(b"".join(a.tobytes() for a in arrays) + sums).hexdigest()

    def train_in_numpy(self) -> tuple[list[np.ndarray], list[tuple[float, float]]]:
        """The same training in float64 NumPy: parameters, and loss and penalty per epoch."""
        parameters = [p.astype(np.float64) for p in self.parameters()]
        state = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
        x, y, weight = self.data()
        x = x.astype(np.float64)
        target = y.astype(np.float64) if self.one_hot else np.eye(self.widths[-1])[y]
        weight = np.ones(self.samples) if weight is None else weight.astype(np.float64)
        sums = []
        for epoch in range(self.epochs):
            order = ops.permutation(self.seed, epoch, self.samples)
            loss = penalty = 0.0
            for i in range(self.steps):
                rows = order[i * self.batch_size : (i + 1) * self.batch_size]
                step = epoch * self.steps + i
                batch_loss, batch_penalty, gradients = self._gradients(
                    parameters, x[rows], target[rows], weight[rows], step
                )
                loss, penalty = loss + batch_loss, penalty + batch_penalty * len(rows)
                for p, slots, g in zip(parameters, state, gradients, strict=True):
                    p -= self._step_size(g, *slots, step + 1)
            sums.append((loss, penalty))
        return parameters, sums

    def _step_size(self, g: np.ndarray, v: np.ndarray, u: np.ndarray, t: int) -> np.ndarray:
        """What an optimizer subtracts; v and u are its state, updated in place."""
        o, rate = self.optimizer, self.rate
        momentum, epsilon = o.get("momentum", 0.0), o.get("epsilon", 0.0)
        if self.optimizer_name == "sgd":
            v[...] = momentum * v - rate * g
            return rate * g - momentum * v if o.get("nesterov") else -v
        if self.optimizer_name == "adam":
            v += (1 - o["beta_1"]) * (g - v)
            u += (1 - o["beta_2"]) * (g * g - u)
            rate *= np.sqrt(1 - o["beta_2"] ** t) / (1 - o["beta_1"] ** t)
            return rate * v / (np.sqrt(u) + epsilon)
        if self.optimizer_name == "adagrad":
            v += g * g
            return rate * g / np.sqrt(v + epsilon)
        v[...] = o["rho"] * v + (1 - o["rho"]) * g * g
        if self.optimizer_name == "rmsprop":
            u[...] = momentum * u + rate * g / np.sqrt(v + epsilon)
            return u.copy()
        size = g * np.sqrt(u + epsilon) / np.sqrt(v + epsilon)
        u[...] = o["rho"] * u + (1 - o["rho"]) * size * size
        return rate * size

    def _mask(self, stage: int, step: int, rows: int, width: int) -> np.ndarray:
        """The specified dropout: word j mod 4 of block (j / 4, row, step, 3 + 256·stage)."""
        words = np.array(
            [
                [
                    _kernels.random_bits(self.seed, j // 4, n, step, 3 + 256 * stage)[j % 4]
                    for j in range(width)
                ]
                for n in range(rows)
            ]
        )
        return (words >= int(self.dropout * 2**32)) / (1 - self.dropout)

    def _gradients(
        self, p: list[np.ndarray], x: np.ndarray, target: np.ndarray, weight: np.ndarray, step: int
    ) -> tuple[float, float, list[np.ndarray]]:
        forward = getattr(reference, f"{self.activation}_forward", lambda z: z)
        backward = getattr(reference, f"{self.activation}_backward", lambda d, z: d)
        layers, stage, a, tape = len(p) // 2, 0, x, []
        for i in range(layers):
            inputs, z = a, reference.dense_forward(a, p[2 * i], p[2 * i + 1])
            mask, soft, stage = None, None, stage + 1
            a = z if i == layers - 1 else forward(z)
            if i < layers - 1 and self.dropout:
                mask = self._mask(stage, step, len(x), z.shape[1])
                a, stage = a * mask, stage + 1
            if i == 0 and layers > 1 and self.hidden_softmax:
                a = soft = reference.softmax(a)
                stage += 1
            tape.append((inputs, z, mask, soft))
        shifted = a - a.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -float((weight[:, None] * target * log_p).sum())
        d = (np.exp(log_p) - target) * weight[:, None] / len(x)
        gradients: list[np.ndarray] = []
        for i in reversed(range(layers)):
            inputs, z, mask, soft = tape[i]
            if soft is not None:
                d = soft * (d - (d * soft).sum(axis=1, keepdims=True))
            d = d if mask is None else d * mask
            d = d if i == layers - 1 else backward(d, z)
            dx, dw, db = reference.dense_backward(d, inputs, p[2 * i])
            dw = dw + 2 * self.l2 * p[2 * i] + self.l1 * np.sign(p[2 * i])
            gradients[:0] = [dw, db]
            d = dx
        penalty = sum(self.l1 * abs(w).sum() + self.l2 * (w**2).sum() for w in p[::2])
        return loss, float(penalty), gradients
