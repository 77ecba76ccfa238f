"""Altered images are exact where exactness can be had, and follow from seed, epoch and batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from densefit import Sequential, layers
from densefit.augmentation import ImageAugmentation, transform

images = st.tuples(st.integers(1, 4), st.integers(2, 7), st.integers(2, 7)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 255).map(float))
)


def altered(x, angle=0.0, shift=(0.0, 0.0), mirror_x=False, mirror_y=False, fill=0.0):
    n = len(x)
    return transform(
        x,
        angles=np.full(n, angle),
        shifts=np.tile(np.array(shift, dtype=float), (n, 1)),
        mirrored_x=np.full(n, mirror_x),
        mirrored_y=np.full(n, mirror_y),
        fill=fill,
    )


@settings(max_examples=40)
@given(images)
def test_nothing_altered_is_the_image(x) -> None:
    np.testing.assert_array_equal(altered(x), x)


@settings(max_examples=40)
@given(images, st.integers(-7, 7), st.integers(-7, 7))
def test_a_shift_by_whole_pixels_moves_them_and_fills(x, down, right) -> None:
    height, width = x.shape[1:]
    expected = np.full((len(x), 3 * 7 + height, 3 * 7 + width), 9.0)
    expected[:, 7 + down : 7 + down + height, 7 + right : 7 + right + width] = x
    moved = altered(x, shift=(down, right), fill=9.0)
    np.testing.assert_array_equal(moved, expected[:, 7 : 7 + height, 7 : 7 + width])


@settings(max_examples=40)
@given(images)
def test_mirrors_are_numpys(x) -> None:
    np.testing.assert_array_equal(altered(x, mirror_x=True), x[:, :, ::-1])
    np.testing.assert_array_equal(altered(x, mirror_y=True), x[:, ::-1])


@settings(max_examples=40)
@given(images, st.integers(-4, 4))
def test_quarter_turns_of_square_images_are_numpys(x, turns) -> None:
    side = min(x.shape[1:])
    x = x[:, :side, :side]
    turned = altered(x, angle=turns * np.pi / 2)
    np.testing.assert_allclose(turned, np.rot90(x, turns, axes=(1, 2)), atol=1e-4)


@settings(max_examples=40)
@given(images, st.floats(-3, 3), st.floats(-3, 3), st.floats(-3.2, 3.2))
def test_no_value_beyond_those_of_the_image(x, down, right, angle) -> None:
    made = altered(x, angle=angle, shift=(down, right), fill=float(x.min()))
    assert made.min() >= x.min() - 1e-9
    assert made.max() <= x.max() + 1e-9


def test_half_a_pixel_is_the_mean_of_two() -> None:
    made = altered(np.array([[[0.0, 10.0, 20.0], [4.0, 4.0, 4.0]]]), shift=(0, 0.5))
    np.testing.assert_allclose(made, [[[0, 5, 15], [2, 4, 4]]])


def test_colours_keep_to_their_channel() -> None:
    x = np.zeros((1, 5, 5, 3))
    x[0, 2, 2] = [1, 2, 3]
    made = altered(x, shift=(1, 0))
    np.testing.assert_array_equal(made[0, 3, 2], [1, 2, 3])
    assert made.sum() == 6


def numbered(n: int = 23) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(n, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 4), np.uint8), np.arange(n)


def test_an_epoch_is_every_sample_once_in_an_order_of_its_own() -> None:
    batches = ImageAugmentation(*numbered(), batch_size=5, seed=3)
    assert len(batches) == 5
    orders = []
    for _ in range(2):
        drawn = list(batches)
        assert [len(x) for x, _ in drawn] == [5, 5, 5, 5, 3]
        for x, y in drawn:
            assert x.dtype == np.float32
            np.testing.assert_array_equal(x[:, 0, 0], y)
        orders.append(np.concatenate([y for _, y in drawn]))
        assert sorted(orders[-1]) == list(range(23))
        batches.on_epoch_end()
    assert list(orders[0]) != list(orders[1])


def everything(seed: int, epoch: int, order: list[int]) -> dict[int, np.ndarray]:
    x = np.random.default_rng(0).random((10, 6, 6))
    batches = ImageAugmentation(
        x, np.arange(10), 4, shift=0.2, flip="both", rotate=30, noise=0.1, seed=seed
    )
    for _ in range(epoch):
        batches.on_epoch_end()
    return {i: batches[i][0] for i in order}


def test_a_batch_follows_from_seed_epoch_and_index_alone() -> None:
    forwards, backwards = everything(5, 1, [0, 1, 2]), everything(5, 1, [2, 1, 0])
    for i in range(3):
        np.testing.assert_array_equal(forwards[i], backwards[i])
    assert not np.array_equal(forwards[0], everything(6, 1, [0])[0])
    assert not np.array_equal(forwards[0], everything(5, 2, [0])[0])


def test_each_alteration_is_drawn_for_each_image() -> None:
    x = np.tile(np.arange(64, dtype=float).reshape(1, 8, 8), (40, 1, 1))
    for alteration in ({"shift": 0.2}, {"rotate": 20}, {"noise": 0.1}):
        (made, _) = ImageAugmentation(x, np.arange(40), 40, seed=1, **alteration)[0]
        assert len(np.unique(made.reshape(40, -1), axis=0)) == 40, alteration
        assert made.min() >= 0
        assert made.max() <= 63
    (made, _) = ImageAugmentation(x, np.arange(40), 40, seed=1, flip="horizontal")[0]
    mirrored = (made == x[:, :, ::-1]).all(axis=(1, 2))
    assert 10 < mirrored.sum() < 30
    np.testing.assert_array_equal(made[~mirrored], x[~mirrored])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": np.zeros((3, 16))}, r"x must be images .* got \(3, 16\)"),
        ({"y": np.zeros(2)}, r"one entry per image \(3\), got shape \(2,\)"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"shift": 1.5}, "shift must be a share of the image"),
        ({"flip": "left"}, "flip must be None, 'horizontal', 'vertical' or 'both', got 'left'"),
        ({"rotate": -1}, "rotate must be from 0 to 180"),
        ({"noise": -1}, "noise is a standard deviation"),
    ],
)
def test_bad_arguments_are_named(arguments, message) -> None:
    given_arguments = {"x": np.zeros((3, 4, 4)), "y": np.zeros(3)} | arguments
    with pytest.raises(ValueError, match=message):
        ImageAugmentation(**given_arguments)


def test_an_index_beyond_the_epoch_is_an_index_error() -> None:
    batches = ImageAugmentation(*numbered(), batch_size=5)
    with pytest.raises(IndexError, match="there are 5 mini-batches, got index 5"):
        batches[5]
    np.testing.assert_array_equal(batches[-1][1], batches[4][1])


def test_fit_takes_it_and_goes_on_from_epoch_to_epoch() -> None:
    def trained(**alterations) -> tuple[list[np.ndarray], int]:
        x = np.random.default_rng(0).random((20, 4, 4))
        batches = ImageAugmentation(x, np.arange(20) % 2, 8, seed=1, **alterations)
        model = Sequential([layers.Flatten(input_shape=(4, 4)), layers.Dense(2, "softmax")], seed=1)
        model.compile("sgd", "sparse_categorical_crossentropy")
        history = model.fit(batches, epochs=3, seed=1, verbose=0)
        assert len(history.history["loss"]) == 3
        return model.get_weights(), batches.epoch

    once, epoch = trained(shift=0.5)
    assert epoch == 3
    for mine, again in zip(once, trained(shift=0.5)[0], strict=True):
        np.testing.assert_array_equal(mine, again)
    assert not np.array_equal(once[0], trained()[0][0]), "it learned from altered images"
