"""The generators vary, and both ways of drawing obey the same description."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignment import find_assignment
from grader.sandbox.protocol import LAYOUTS, layout_of
from grader.strategies import AnyShape, Example, Floats, Inputs, Labels

DESCRIPTIONS = {
    (spec.function, check.name): check.inputs
    for spec in find_assignment("assignment4").checks
    for check in spec.checks
    if spec.function != "train"
}
DENSE = Inputs(
    {"x": Floats("N D", (0, -12, 12)), "y": Labels("N", "C")},
    {"N": (1, 40), "D": (1, 40), "C": (1, 1000)},
)


def bulk(inputs: Inputs, count: int = 300, seed: int = 0) -> list[Example]:
    return inputs.bulk(np.random.default_rng(seed), count)


def test_sizes_dtypes_layouts_and_magnitudes_vary() -> None:
    examples = bulk(DENSE)
    xs = [e["x"] for e in examples]
    assert {x.dtype.name for x in xs} == {"float64", "float32"}
    assert {layout_of(x) for x in xs} == set(LAYOUTS)
    assert {1, 40} <= {x.shape[0] for x in xs}
    assert {e["y"].dtype.name for e in examples} == {"int64", "int32", "uint8"}
    assert min(e.dimensions["C"] for e in examples) == 1
    assert max(e.dimensions["C"] for e in examples) > 500
    sizes = [np.abs(x).max() for x in xs if np.any(x)]
    assert min(sizes) < 1e-9
    assert max(sizes) > 1e9
    assert sum(bool((x == 0).any()) for x in xs) > 50
    assert sum(bool((x < 0).any() and (x > 0).any()) for x in xs) > 200


def test_labels_fit_their_classes() -> None:
    for example in bulk(DENSE):
        assert example["y"].min() >= 0
        assert example["y"].max() < example.dimensions["C"]


def test_arguments_of_any_shape_agree() -> None:
    shapes = {e["a"].shape for e in bulk(Inputs({"a": AnyShape(), "b": AnyShape()}))}
    assert {len(shape) for shape in shapes} == {1, 2, 3}
    for example in bulk(Inputs({"a": AnyShape(), "b": AnyShape()})):
        assert example["a"].shape == example["b"].shape


def test_the_seed_decides_everything() -> None:
    first, again, other = (bulk(DENSE, 5, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(first, again, strict=True))
    assert any(a["x"].shape != b["x"].shape for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("key", DESCRIPTIONS, ids="-".join)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_hypothesis_draws_what_the_bulk_sampler_could_have_drawn(
    key: tuple[str, str], data: st.DataObject
) -> None:
    inputs = DESCRIPTIONS[key]
    drawn = data.draw(inputs.strategy())
    reference = bulk(inputs, 1)[0]
    others = bulk(inputs, 40)
    assert list(drawn.arguments) == list(reference.arguments)
    for name, (low, high) in inputs.dimensions.items():
        assert low <= drawn.dimensions[name] <= high
    for name, value in drawn.arguments.items():
        assert type(value) is type(reference[name])
        if isinstance(value, np.ndarray):
            assert np.isfinite(value).all()
            assert value.dtype.kind in {other[name].dtype.kind for other in others}
