"""JAX: a whole epoch is one compiled ``lax.scan`` over its batches, weights donated."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jaxlib
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from benchmarks.peers.base import ADAM, Rows, Trainer

__all__ = ["JaxTrainer"]


def loss(weights: list[Any], x: Any, y: Any) -> Any:
    """Mean cross-entropy of the network."""
    *hidden, (w, b) = zip(weights[::2], weights[1::2], strict=True)
    for v, c in hidden:
        x = jax.nn.relu(x @ v + c)
    log_p = jax.nn.log_softmax(x @ w + b)
    return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()


def sgd(rate: float, state: Any, gradients: list[Any]) -> Any:
    """One step; the state is (weights,)."""
    (weights,) = state
    return ([w - rate * dw for w, dw in zip(weights, gradients, strict=True)],)


def adam(rate: float, state: Any, gradients: list[Any]) -> Any:
    """One step; the state is (weights, m, v, steps)."""
    weights, m, v, steps = state
    steps = steps + 1
    b1, b2 = ADAM["beta_1"], ADAM["beta_2"]
    m = [b1 * a + (1 - b1) * dw for a, dw in zip(m, gradients, strict=True)]
    v = [b2 * a + (1 - b2) * dw * dw for a, dw in zip(v, gradients, strict=True)]
    alpha = rate * jnp.sqrt(1 - b2**steps) / (1 - b1**steps)
    moments = zip(weights, m, v, strict=True)
    weights = [w - alpha * a / (jnp.sqrt(c) + ADAM["epsilon"]) for w, a, c in moments]
    return weights, m, v, steps


class JaxTrainer(Trainer):
    """The gather of the rows is part of the compiled epoch."""

    @staticmethod
    def versions() -> dict[str, str]:
        """JAX's."""
        return {"jax": jax.__version__, "jaxlib": jaxlib.__version__}

    def prepare(self, rows: Rows) -> None:
        """Copy the rows to the device and compile the epoch for their shape."""
        self._x, self._y = jnp.asarray(rows.x), jnp.asarray(rows.y.astype(np.int32))
        batches = rows.batches(self.workload.batch_size).astype(np.int32)
        self._batches = [jnp.asarray(epoch) for epoch in batches]
        rule = sgd if self.workload.optimizer == "sgd" else adam
        update = partial(rule, self.workload.learning_rate)

        def epoch(state: Any, x: Any, y: Any, batches: Any) -> Any:
            def step(state: Any, batch: Any) -> Any:
                value, gradients = jax.value_and_grad(loss)(state[0], x[batch], y[batch])
                return update(state, gradients), value

            return jax.lax.scan(step, state, batches)

        self.reset()
        compiling = jax.jit(epoch, donate_argnums=0)
        arguments = (self._state, self._x, self._y, self._batches[0])
        self._epoch = compiling.lower(*arguments).compile()

    def reset(self) -> None:
        """New arrays, as the old ones are donated."""
        weights = [jnp.array(w) for w in self.initial]
        if self.workload.optimizer == "sgd":
            self._state: Any = (weights,)
        else:
            m, v = ([jnp.zeros_like(w) for w in weights] for _ in range(2))
            self._state = (weights, m, v, jnp.zeros((), jnp.int32))
        jax.block_until_ready(self._state)

    def run(self) -> None:
        """An epoch per call."""
        for batches in self._batches:
            self._state, _losses = self._epoch(self._state, self._x, self._y, batches)
        jax.block_until_ready(self._state)

    def weights(self) -> list[NDArray[Any]]:
        """As NumPy arrays."""
        return [np.asarray(w) for w in self._state[0]]
