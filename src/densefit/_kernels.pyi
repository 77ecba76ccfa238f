"""Types of the compiled boundary; csrc/_kernels.pyx has the documentation."""

from typing import Any

from numpy import uint8
from numpy.typing import NDArray

Array = NDArray[Any]
Sums = tuple[float, float, tuple[float, ...]]  # loss, penalty, metrics

ACTIVATIONS: dict[str, int]
FUSED_ACTIVATIONS: tuple[str, ...]
LOSSES: dict[str, tuple[int, ...]]
METRICS: dict[str, int]
OPTIMIZERS: dict[str, int]
ELEMENTARY: dict[str, int]
MAX_STAGES: int
MAX_METRICS: int

def slot_count(optimizer: str, parameters: dict[str, float]) -> int: ...
def available_isas() -> list[str]: ...
def current_isa() -> str: ...
def use_isa(name: str) -> None: ...
def processors() -> int: ...
def dense_forward(x: Array, w: Array, b: Array | None, z: Array) -> None: ...
def dense_backward_scratch(code: str, n: int, m: int) -> int: ...
def dense_backward(
    dz: Array, x: Array, w: Array, dx: Array, dw: Array, db: Array, scratch: NDArray[uint8]
) -> None: ...
def activation_forward(activation: str, z: Array, a: Array) -> None: ...
def activation_backward(activation: str, da: Array, z: Array, dz: Array) -> None: ...
def softmax(z: Array, p: Array) -> None: ...
def softmax_cross_entropy(z: Array, y: Array, dz: Array, losses: Array) -> None: ...
def sgd_update(param: Array, grad: Array, learning_rate: float, out: Array) -> None: ...
def elementary(function: str, x: Array, y: Array) -> None: ...
def random_bits(seed: int, c0: int, c1: int, c2: int, c3: int) -> tuple[int, int, int, int]: ...
def random_uniform(seed: int, stream: int, first: int, out: Array) -> None: ...
def random_normal(
    seed: int, stream: int, low: float, high: float, first: int, out: Array
) -> None: ...
def random_permutation(seed: int, epoch: int, out: Array) -> None: ...

class Nonzeros:
    n: int
    d: int
    total: int
    def __init__(self, x: Array, n_threads: int) -> None: ...
    def gather(self, x: Array) -> None: ...

class Training:
    @property
    def workspace_bytes(self) -> int: ...
    def run(self, workspace: NDArray[uint8], before: Sums) -> Sums: ...

class Network:
    code: str
    n_in: int
    n_out: int
    def __init__(
        self,
        stages: list[tuple[Any, ...]],
        code: str,
        measures: list[tuple[int, bool, float]],
        output: str,
    ) -> None: ...
    def training(
        self,
        optimizer: str,
        parameters: dict[str, float],
        slots: list[tuple[Any, Any]],
        x: Array,
        nonzeros: Nonzeros | None,
        y: Array,
        order: Array,
        learning_rates: Array,
        sample_weight: Array | None,
        batch_size: int,
        seed: int,
        first_step: int,
        first_update: int,
        n_threads: int,
        adaptive: bool,
    ) -> Training: ...
    def evaluate(
        self,
        x: Array,
        nonzeros: Nonzeros | None,
        y: Array | None,
        sample_weight: Array | None,
        outputs: Array | None,
        workspace: NDArray[uint8],
        n_threads: int,
    ) -> Sums | None: ...
    def evaluate_workspace(self, n: int, n_threads: int) -> int: ...
