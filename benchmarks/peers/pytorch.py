"""PyTorch: the usual loop, eager or with ``torch.compile``, with the fused optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.peers.base import ADAM, Rows, Trainer

__all__ = ["CompiledTrainer", "EagerTrainer"]


class EagerTrainer(Trainer):
    """Forward and backward run as written."""

    @staticmethod
    def versions() -> dict[str, str]:
        """PyTorch's, and whether it has MKL."""
        mkl = "yes" if torch.backends.mkl.is_available() else "no"
        return {"torch": torch.__version__, "MKL in torch": mkl}

    @staticmethod
    def product(
        x: NDArray[np.float32], w: NDArray[np.float32], threads: int
    ) -> Callable[[], object]:
        """MKL's sgemm, where PyTorch has it."""
        torch.set_num_threads(threads)
        a, b = torch.from_numpy(x), torch.from_numpy(w)
        z = torch.empty((len(x), w.shape[1]))
        return lambda: torch.mm(a, b, out=z)

    def prepare(self, rows: Rows) -> None:
        """Build the network and put the rows into tensors; they share their memory."""
        torch.set_num_threads(self.threads)
        self._x, self._y = torch.from_numpy(rows.x), torch.from_numpy(rows.y)
        self._batches = torch.from_numpy(rows.batches(self.workload.batch_size))
        if not hasattr(self, "_loss"):
            modules: list[nn.Module] = []
            for d, m in self.workload.layers:
                modules += [nn.Linear(d, m), nn.ReLU()]
            self._model = nn.Sequential(*modules[:-1])
            self._loss = self._loss_function()

    def _loss_function(self) -> Any:
        def loss(x: Any, y: Any) -> Any:
            return nn.functional.cross_entropy(self._model(x), y)

        return loss

    def reset(self) -> None:
        """Copy the initial weights into the module; a new optimizer."""
        with torch.no_grad():
            for parameter, w in zip(self._model.parameters(), self.initial, strict=True):
                parameter.copy_(torch.from_numpy(w.T.copy()))
        parameters, rate = self._model.parameters(), self.workload.learning_rate
        if self.workload.optimizer == "sgd":
            self._optimizer: Any = torch.optim.SGD(parameters, rate, fused=True)
        else:
            betas = (ADAM["beta_1"], ADAM["beta_2"])
            self._optimizer = torch.optim.Adam(
                parameters, rate, betas=betas, eps=ADAM["epsilon"], fused=True
            )

    def run(self) -> None:
        """The loop of the tutorials."""
        for epoch in self._batches:
            for batch in epoch:
                self._optimizer.zero_grad()
                self._loss(self._x[batch], self._y[batch]).backward()
                self._optimizer.step()

    def weights(self) -> list[NDArray[Any]]:
        """Transposed, as PyTorch keeps (units, inputs)."""
        return [parameter.detach().numpy().T for parameter in self._model.parameters()]


class CompiledTrainer(EagerTrainer):
    """Forward and backward are compiled."""

    def _loss_function(self) -> Any:
        return torch.compile(super()._loss_function(), fullgraph=True, dynamic=False)

    def prepare(self, rows: Rows) -> None:
        """Also compile, with a first batch whose gradients are thrown away."""
        super().prepare(rows)
        batch = self._batches[0, 0]
        self._loss(self._x[batch], self._y[batch]).backward()
