"""Who takes part, what each needs to be installed, and the environment its process starts with."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from importlib.util import find_spec

from benchmarks.peers.base import Trainer

__all__ = ["FIRST", "PEERS", "Peer", "named", "trainer", "with_threads"]


@dataclass(frozen=True)
class Peer:
    """A library in one way of using it; ``trainer`` is ``module:class`` in this package."""

    name: str
    trainer: str
    needs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed; nothing is imported."""
        return [package for package in self.needs if find_spec(package) is None]


def _keras(backend: str, package: str) -> Peer:
    needs = ("keras", package)
    return Peer(f"Keras ({backend})", "keras_fit:KerasTrainer", needs, {"KERAS_BACKEND": backend})


#: The one that the others are compared with.
FIRST = Peer("densefit", "densefit_fit:DensefitTrainer", ("densefit",))

PEERS = (
    FIRST,
    Peer("NumPy", "numpy_plain:NumpyTrainer", ("numpy",)),
    Peer("PyTorch", "pytorch:EagerTrainer", ("torch",)),
    Peer("PyTorch, torch.compile", "pytorch:CompiledTrainer", ("torch",)),
    Peer("JAX, jit and scan", "jax_scan:JaxTrainer", ("jax",), {"JAX_PLATFORMS": "cpu"}),
    _keras("jax", "jax"),
    _keras("torch", "torch"),
    _keras("tensorflow", "tensorflow"),
    Peer("scikit-learn", "sklearn_mlp:SklearnTrainer", ("sklearn",)),
)


def named(names: list[str]) -> list[Peer]:
    """densefit and those peers whose name contains one of ``names``; all without any.

    Raises ValueError for a name that fits none.
    """
    for name in names:
        if not any(name.lower() in peer.name.lower() for peer in PEERS):
            known = ", ".join(repr(peer.name) for peer in PEERS)
            raise ValueError(f"no peer has {name!r} in its name; there are {known}")
    chosen = [p for p in PEERS if any(name.lower() in p.name.lower() for name in names)]
    return [FIRST, *(p for p in chosen if p is not FIRST)] if names else list(PEERS)


def trainer(name: str) -> type[Trainer]:
    """The trainer of the peer with exactly this name; imports its library."""
    (peer,) = (peer for peer in PEERS if peer.name == name)
    module, _, class_name = peer.trainer.partition(":")
    found: type[Trainer] = getattr(
        importlib.import_module(f"benchmarks.peers.{module}"), class_name
    )
    return found


def with_threads(threads: int) -> dict[str, str]:
    """The variables by which the libraries learn how many threads they may use.

    OpenMP, OpenBLAS and MKL have their own; NPROC is XLA's.
    """
    names = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "DENSEFIT")
    variables = {f"{name}_NUM_THREADS": str(threads) for name in names}
    variables["VECLIB_MAXIMUM_THREADS"] = variables.pop("VECLIB_MAXIMUM_NUM_THREADS")
    return variables | {"NPROC": str(threads)}
