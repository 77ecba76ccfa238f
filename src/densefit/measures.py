"""Losses and metrics as ops takes them: what is measured, and from which side of an activation."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LINKS", "LOSSES", "Accuracy", "Loss", "Metric"]

# The activation whose derivative a cross-entropy cancels: it is left to the loss, which then loses
# no digits however sure the network is.
LINKS = {
    "sparse_categorical_crossentropy": "softmax",
    "categorical_crossentropy": "softmax",
    "binary_crossentropy": "sigmoid",
}
LOSSES = (
    *LINKS,
    "mean_squared_error",
    "mean_absolute_error",
    "hinge",
    "kl_divergence",
    "cosine_similarity",
)


@dataclass(frozen=True)
class Loss:
    """A loss by its Keras name; ``from_logits``: of the softmax or sigmoid of the outputs."""

    name: str
    from_logits: bool = False
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in LOSSES:
            known = ", ".join(LOSSES)
            raise ValueError(f"the kernels have no loss {self.name!r}; they have {known}")
        if self.from_logits and self.name not in LINKS:
            raise ValueError(f"{self.name} is no function of logits")

    def takes_over(self, activation: str) -> bool:
        """Whether it can be computed from what goes into the activation instead of its output."""
        return not self.from_logits and LINKS.get(self.name) == activation


@dataclass(frozen=True)
class Accuracy:
    """Share of samples whose most active output is their class; ``binary``: share of the outputs
    on the side of ``threshold`` that their targets, 0 and 1, say.
    """

    binary: bool = False
    threshold: float = 0.5


Metric = Loss | Accuracy
