"""Watching one number of the logs: which way is better, and whether it got better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from densefit.callbacks.base import Logs

__all__ = ["Monitor"]


class Monitor:
    """The best value so far of ``name``, better by at least ``min_delta`` than the one before.

    ``mode`` ``"auto"`` takes more to be better for accuracies, less for everything else.
    """

    def __init__(self, name: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        """Raise ValueError for another mode than auto, min and max, or a min_delta that is NaN."""
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', got {mode!r}")
        if not math.isfinite(min_delta):
            raise ValueError(f"min_delta must be finite, got {min_delta!r}")
        self.name = name
        more_is_better = mode == "max" or (mode == "auto" and name.endswith(("acc", "accuracy")))
        self.sign = -1.0 if more_is_better else 1.0
        self.min_delta = abs(float(min_delta))
        self.best: float | None = None

    def value(self, logs: Logs | None, params: Mapping[str, Any]) -> float | None:
        """The number in ``logs``; None in an epoch that has none because nothing was validated.

        Raises ValueError if this training never reports it.
        """
        value = (logs or {}).get(self.name)
        if value is None and self.name not in params["metrics"]:
            hint = ": give fit validation_data= or validation_split=" if "val_" in self.name else ""
            raise ValueError(
                f"monitor={self.name!r} is not reported by this training, which has"
                f" {', '.join(logs or {})}{hint}"
            )
        return value

    def better(self, value: float, than: float | None) -> bool:
        """Whether ``value`` is better than ``than``, by more than ``min_delta``; NaN never is."""
        if than is None:
            return not math.isnan(value)
        return self.sign * value + self.min_delta < self.sign * than

    def improves(self, value: float) -> bool:
        """Whether ``value`` is the best so far; if so it is kept as such."""
        improved = self.better(value, self.best)
        if improved:
            self.best = value
        return improved
