"""The arithmetic per step, by counting; the names; the weights all libraries begin with."""

import numpy as np
import pytest

from benchmarks import images
from benchmarks.peers import registry
from benchmarks.workloads import WORKLOADS, Workload, initial_weights, named

SMALL = Workload((784, 5, 3), 4, "adam", 0.001, 1)


def test_operations_are_those_of_the_products() -> None:
    forward = 2 * 4 * (784 * 5 + 5 * 3)
    dw, dx = forward, 2 * 4 * 5 * 3
    assert SMALL.operations == forward + dw + dx


def test_the_first_workload_needs_what_the_literature_counts() -> None:
    """12.9 MFLOP for 784-128-10 at batch 32, the output layer's small products apart."""
    assert WORKLOADS[0].operations == pytest.approx(12.9e6, rel=0.03)


def test_parameters_are_those_of_the_weights() -> None:
    arrays = [a for pair in initial_weights(SMALL, 1) for a in pair]
    assert sum(a.size for a in arrays) == SMALL.parameters
    assert [a.shape for a in arrays] == [(784, 5), (5,), (5, 3), (3,)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert np.abs(arrays[0]).max() > 0


def test_weights_follow_from_the_seed() -> None:
    first, again, other = ([w for w, _ in initial_weights(SMALL, s)] for s in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert not (first[0] == other[0]).all()


def test_adam_moves_three_times_the_parameters() -> None:
    sgd = Workload(SMALL.widths, 4, "sgd", 0.1, 1)
    batch = 4 * 4 * 784
    assert SMALL.bytes_moved - batch == 3 * (sgd.bytes_moved - batch)


def test_workloads_are_found_by_a_part_of_their_name() -> None:
    assert named([]) == list(WORKLOADS)
    assert {w.optimizer for w in named(["sgd"])} == {"sgd"}
    with pytest.raises(ValueError, match=r"'rmsprop'.*'784-128-10 b32 sgd'"):
        named(["rmsprop"])


def test_peers_are_found_by_name_with_densefit_first() -> None:
    assert [p.name for p in registry.named(["NUMPY"])] == ["densefit", "NumPy"]
    assert [p.name for p in registry.named(["densefit"])] == ["densefit"]
    assert registry.named([]) == list(registry.PEERS)
    with pytest.raises(ValueError, match=r"'caffe'.*'PyTorch'"):
        registry.named(["caffe"])


def test_the_embedded_images_repeat() -> None:
    loaded = images.load("fashion", 1801)
    assert loaded.x.shape == (1801, 784)
    assert (loaded.x[:901] == loaded.x[900:]).all()
    assert (loaded.y[:901] == loaded.y[900:]).all()
    assert 0.3 < loaded.density < 0.7
    assert loaded.x.max() == 1.0


def test_without_mnist_the_embedded_images_take_its_place(monkeypatch) -> None:
    def absent() -> None:
        raise images.DataNotFoundError("nowhere")

    monkeypatch.setattr(images.mnist, "load_data", absent)
    loaded = images.load("mnist", 10)
    assert "Fashion-MNIST" in loaded.source
    assert (loaded.x == images.load("fashion", 10).x).all()
