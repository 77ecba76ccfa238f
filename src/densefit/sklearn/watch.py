"""Scikit-learn's rules of when a training has converged, as a callback of densefit's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from densefit.callbacks import Callback

__all__ = ["Curves", "Watch"]

# An adaptive learning rate is divided by this, until it is below the least.
_DIVISOR = 5.0
_LEAST_RATE = 1e-6


@dataclass
class Curves:
    """What a training has been like so far; goes on when training is continued."""

    loss: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    samples: int = 0


class Watch(Callback):
    """Records loss and score of every epoch, sets the learning rate, stops the training.

    It stops when the loss, or with ``score`` the validation score, has not become better by
    ``tol`` for more than ``patience`` epochs in a row; with an ``adaptive`` rate that divides the
    rate by 5 first, until it is 1e-6. ``rate_after(samples)`` is the rate of an inverse scaling.
    """

    def __init__(
        self,
        curves: Curves,
        n_samples: int,
        *,
        tol: float,
        patience: int,
        adaptive: bool = False,
        rate_after: Callable[[int], float] | None = None,
        score: Callable[[], float] | None = None,
        verbose: bool = False,
    ) -> None:
        self.curves, self.n_samples = curves, n_samples
        self.tol, self.patience = tol, patience
        self.adaptive, self.rate_after = adaptive, rate_after
        self.score, self.verbose = score, verbose
        self.best = math.inf
        self.best_weights: list[NDArray[Any]] | None = None
        self.converged = False
        self._waited = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Record the epoch numbered ``epoch`` with its ``logs``, and decide how to go on.

        Raises ValueError if the loss is not finite any more.
        """
        loss = (logs or {})["loss"]
        self.curves.loss.append(loss)
        self.curves.samples += self.n_samples
        if self.verbose:
            print(f"Iteration {epoch + 1}, loss = {loss:.8f}")
        if not math.isfinite(loss):
            raise ValueError(
                f"training diverged: the loss of iteration {epoch + 1} is {loss}. Lower"
                " learning_rate_init, or scale the features, for example by StandardScaler"
            )
        self._compare(self._badness(loss))
        if self.rate_after is not None:
            self.model.optimizer.learning_rate = self.rate_after(self.curves.samples)
        if self._waited > self.patience:
            self._lower_rate_or_stop()

    def _badness(self, loss: float) -> float:
        """The number to be made small: the loss, or the validation score with its sign changed."""
        if self.score is None:
            return loss
        score = self.score()
        self.curves.scores.append(score)
        if self.verbose:
            print(f"Validation score: {score:f}")
        return -score

    def _compare(self, badness: float) -> None:
        self._waited = self._waited + 1 if badness > self.best - self.tol else 0
        if badness < self.best:
            self.best = badness
            if self.score is not None:
                self.best_weights = self.model.get_weights()

    def _lower_rate_or_stop(self) -> None:
        optimizer = self.model.optimizer
        rate = optimizer.learning_rate
        if self.adaptive and isinstance(rate, float) and rate > _LEAST_RATE:
            optimizer.learning_rate = rate / _DIVISOR
            self._waited = 0
            return
        self.converged = self.model.stop_training = True
