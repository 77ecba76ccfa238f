"""New images from old: shifted, mirrored, turned and noisy ones, another set in every epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from densefit import _seeds
from densefit._draws import Draws

__all__ = ["ImageAugmentation", "transform"]

Floats = NDArray[np.float32]
Batch = tuple[Floats, NDArray[Any]]


class ImageAugmentation:
    """Mini-batches ``(x, y)`` of altered images, for ``model.fit(ImageAugmentation(x, y, ...))``.

    ``x``: (N, height, width) or (N, height, width, channels), ``y``: (N, ...). Of every image,
    drawn anew in each epoch and independently:

    - ``shift``: up to this share of height and width in each direction, what leaves is lost and
      what enters is ``fill``;
    - ``flip``: "horizontal" mirrors left and right in one of two images; "vertical", "both";
    - ``rotate``: up to this many degrees to either side, about the centre;
    - ``noise``: N(0, noise²) on every pixel, in units of the range of ``x``, kept in that range.

    Follows Keras's ``PyDataset``: ``len`` batches an epoch, ``batches[i]`` the i-th, and
    ``on_epoch_end`` goes to the next epoch, whose order (unless ``shuffle=False``) and alterations
    are others. Images come as float32 in the range of ``x``. A batch is a function of the seed,
    the epoch and i alone, in whatever order they are asked for.
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int = 32,
        *,
        shift: float = 0.0,
        flip: str | None = None,
        rotate: float = 0.0,
        noise: float = 0.0,
        fill: float | None = None,
        shuffle: bool = True,
        seed: int | None = None,
    ) -> None:
        """Raise ValueError for shapes that differ and for arguments out of their range.

        ``fill`` is the least value of ``x`` unless given; seed None takes the session's next.
        """
        self.x, self.y = np.asarray(x), np.asarray(y)
        _check_images(self.x, self.y)
        _check_ranges(batch_size, shift, flip, rotate, noise)
        self.batch_size, self.shuffle = int(batch_size), shuffle
        self.shift, self.flip, self.rotate, self.noise = shift, flip, rotate, noise
        self._low, self._high = float(self.x.min()), float(self.x.max())
        self.fill = self._low if fill is None else float(fill)
        self.seed = _seeds.next_seed() if seed is None else _seeds.check_seed(seed)
        self.epoch = 0
        self._order = self._draw_order()

    def __len__(self) -> int:
        """Mini-batches per epoch; the last one may be short."""
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        """The altered images and the targets of mini-batch ``index`` of this epoch."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} mini-batches, got index {index}")
        start = index % len(self) * self.batch_size
        chosen = self._order[start : start + self.batch_size]
        return self._altered(self.x[chosen].astype(np.float32), start), self.y[chosen]

    def on_epoch_end(self) -> None:
        """Go to the next epoch: another order and other alterations."""
        self.epoch += 1
        self._order = self._draw_order()

    def _draws(self, part: int) -> Draws:
        """The random numbers of one part of this epoch: a seed of their own."""
        return Draws(_seeds.derived(self.seed, f"augmentation/{self.epoch}/{part}"))

    def _draw_order(self) -> NDArray[np.int64]:
        n = len(self.x)
        return self._draws(-1).permutation(n) if self.shuffle else np.arange(n)

    def _altered(self, images: Floats, start: int) -> Floats:
        draws, n = self._draws(start), len(images)
        height, width = images.shape[1:3]
        angles = np.deg2rad(draws.uniform(-self.rotate, self.rotate, n))
        down, right = (draws.uniform(-self.shift, self.shift, n) * size for size in (height, width))
        mirror_x, mirror_y = (draws.uniform(0, 1, n) < 0.5 for _ in range(2))
        altered = transform(
            images,
            angles=angles,
            shifts=np.stack([down, right], axis=1),
            mirrored_x=mirror_x & (self.flip in ("horizontal", "both")),
            mirrored_y=mirror_y & (self.flip in ("vertical", "both")),
            fill=self.fill,
        )
        if self.noise:
            stddev = self.noise * (self._high - self._low)
            altered = altered + draws.normal(stddev, altered.size).reshape(altered.shape)
            altered = altered.clip(self._low, self._high)
        return altered.astype(np.float32)


def transform(
    images: NDArray[Any],
    *,
    angles: NDArray[np.float64],
    shifts: NDArray[np.float64],
    mirrored_x: NDArray[np.bool_],
    mirrored_y: NDArray[np.bool_],
    fill: float = 0.0,
) -> NDArray[Any]:
    """Mirror, then turn by ``angles`` (radians, anticlockwise), then shift (down, right) images.

    ``images`` (N, height, width[, channels]), ``angles`` (N,), ``shifts`` (N, 2) in pixels.
    Values between pixels are interpolated bilinearly; beyond the image everything is ``fill``.
    """
    rows, columns = _sources(images.shape[1:3], angles, shifts)
    rows = np.where(mirrored_y[:, None, None], images.shape[1] - 1 - rows, rows)
    columns = np.where(mirrored_x[:, None, None], images.shape[2] - 1 - columns, columns)
    # A border of fill all round, so that interpolation reaches into it and nowhere else.
    border = [(0, 0), (1, 1), (1, 1)] + [(0, 0)] * (images.ndim - 3)
    padded = np.pad(images, border, constant_values=fill)
    rows = (rows + 1).clip(0, padded.shape[1] - 1)
    columns = (columns + 1).clip(0, padded.shape[2] - 1)
    return _bilinear(padded, rows, columns).astype(images.dtype)


def _sources(
    size: tuple[int, ...], angles: NDArray[np.float64], shifts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where in the old image each pixel of the new one comes from: (N, height, width) twice.

    The map is inverted: the shift is taken back, then the turn about the centre.
    """
    centre = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2])
    offset = (shifts + centre)[:, :, None, None]
    row, column = np.indices(size)
    down, right = row - offset[:, 0], column - offset[:, 1]
    # Rounded to where the sines of all machines agree.
    cos, sin = (np.round(f(angles), 9)[:, None, None] for f in (np.cos, np.sin))
    return cos * down + sin * right + centre[0], cos * right - sin * down + centre[1]


def _bilinear(
    images: NDArray[Any], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The images at points between pixels; all points lie within them."""
    top = np.minimum(rows.astype(np.int64), images.shape[1] - 2)
    left = np.minimum(columns.astype(np.int64), images.shape[2] - 2)
    n = np.arange(len(images))[:, None, None]
    channels = (1,) * (images.ndim - 3)
    down = (rows - top).reshape(*rows.shape, *channels)
    right = (columns - left).reshape(*rows.shape, *channels)
    above = images[n, top, left] * (1 - right) + images[n, top, left + 1] * right
    below = images[n, top + 1, left] * (1 - right) + images[n, top + 1, left + 1] * right
    return np.asarray(above * (1 - down) + below * down)


def _check_images(x: NDArray[Any], y: NDArray[Any]) -> None:
    if x.ndim not in (3, 4) or not x.size:
        raise ValueError(
            "x must be images of shape (n_samples, height, width) or (n_samples, height, width,"
            f" channels), got {x.shape}: flatten them in the model, with layers.Flatten()"
        )
    if y.ndim == 0 or len(y) != len(x):
        raise ValueError(f"y must have one entry per image ({len(x)}), got shape {y.shape}")


def _check_ranges(
    batch_size: int, shift: float, flip: str | None, rotate: float, noise: float
) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    if not 0 <= shift <= 1:
        raise ValueError(f"shift must be a share of the image from 0 to 1, got {shift}")
    if flip not in (None, "horizontal", "vertical", "both"):
        raise ValueError(f"flip must be None, 'horizontal', 'vertical' or 'both', got {flip!r}")
    if not 0 <= rotate <= 180:
        raise ValueError(f"rotate must be from 0 to 180 degrees, got {rotate}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, at least 0; got {noise}")
