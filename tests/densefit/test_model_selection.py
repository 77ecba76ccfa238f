"""Every sample is in exactly one part, and the classes keep their shares."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from densefit.model_selection import k_fold, train_val_test_split

labels = st.lists(st.integers(0, 4), min_size=12, max_size=120).map(np.array)
shares = st.floats(0.1, 0.4)
seeds = st.integers(0, 1000)


def enough(y: np.ndarray, parts: int) -> bool:
    return bool(np.unique(y, return_counts=True)[1].min() >= parts)


@settings(max_examples=40)
@given(labels, shares, shares, st.booleans(), seeds)
def test_split_divides_and_keeps_the_shares(y, val_size, test_size, one_hot, seed) -> None:
    assume(enough(y, 3))
    targets = np.eye(5, dtype=int)[y] if one_hot else y
    x = np.arange(len(y))
    parts = train_val_test_split(x, targets, val_size=val_size, test_size=test_size, seed=seed)
    assert sorted(np.concatenate([part[0] for part in parts])) == list(x)
    for part_x, part_y in parts:
        np.testing.assert_array_equal(part_y, targets[part_x])
    (_, _), (x_val, _), (x_test, _) = parts
    assert len(x_val) == round(val_size * len(y))
    assert len(x_test) == round(test_size * len(y))
    for part_x, _ in parts:
        for label in np.unique(y):
            fair = (y == label).sum() * len(part_x) / len(y)
            assert abs((y[part_x] == label).sum() - fair) < 2


@settings(max_examples=40)
@given(labels, st.integers(2, 6), seeds)
def test_every_sample_validates_once(y, k, seed) -> None:
    assume(enough(y, k))
    folds = list(k_fold(y, k, seed=seed))
    assert len(folds) == k
    assert sorted(np.concatenate([val for _, val in folds])) == list(range(len(y)))
    sizes = [len(val) for _, val in folds]
    assert max(sizes) - min(sizes) <= 1
    for train, val in folds:
        assert sorted([*train, *val]) == list(range(len(y)))
    for label in np.unique(y):
        counts = [(y[val] == label).sum() for _, val in folds]
        assert max(counts) - min(counts) <= 1


def test_values_are_not_stratified_and_sorted_data_are_mixed() -> None:
    y = np.linspace(0, 1, 200)
    (_, y_train), (_, y_val), (_, y_test) = train_val_test_split(y, y)
    for part in (y_train, y_val, y_test):
        assert 0.3 < part.mean() < 0.7
        assert not np.array_equal(part, np.sort(part))


def test_the_seed_decides() -> None:
    y = np.repeat([0, 1], 50)

    def test_part(seed: int) -> list[int]:
        return list(train_val_test_split(np.arange(100), y, seed=seed)[2][0])

    assert test_part(1) == test_part(1)
    assert test_part(1) != test_part(2)


def test_without_stratify_a_rare_class_may_be_missed() -> None:
    y = np.array([0] * 30 + [1])
    with pytest.raises(ValueError, match=r"class 1 has 1 sample\(s\), fewer than the 3 parts"):
        train_val_test_split(y, y)
    parts = train_val_test_split(y, y, stratify=False)
    assert sum(len(part_y) for _, part_y in parts) == 31
    with pytest.raises(ValueError, match=r"fewer than the 2 parts"):
        k_fold(y, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"val_size": 0.6, "test_size": 0.4}, "of 10 samples leave none to train on"),
        ({"val_size": 0.0}, "val_size must be a share of the 10 samples that is not empty"),
        ({"test_size": 1.5}, "test_size must be a share"),
        ({"stratify": "yes"}, "stratify must be True, False or 'auto', got 'yes'"),
    ],
)
def test_what_cannot_be_divided_is_named(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        train_val_test_split(np.zeros((10, 3)), np.arange(10) % 2, **arguments)


def test_errors_name_shapes_and_bounds() -> None:
    with pytest.raises(ValueError, match=r"got shapes \(3, 2\) and \(4,\)"):
        train_val_test_split(np.zeros((3, 2)), np.zeros(4))
    with pytest.raises(ValueError, match="k must be from 2 to the number of samples, 4; got 1"):
        k_fold(np.zeros(4), 1)
    with pytest.raises(ValueError, match=r"stratify=True needs labels .* got \(4, 2\)"):
        k_fold(np.full((4, 2), 0.3), 2, stratify=True)
