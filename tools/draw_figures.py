"""Draws the figures of the documentation, in English and Japanese: trains as the README does."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from densefit import Sequential, plots
from densefit._fonts import Language, japanese_font
from densefit.datasets import fashion_mnist_mini
from densefit.layers import Dense, Flatten
from densefit.optimizers import SGD
from densefit.utils import set_random_seed

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
FIGURES: dict[Language, str] = {"en": "learning_curves.png", "ja": "learning_curves.ja.png"}


def main() -> None:
    """Write every figure into ``docs/images``."""
    if japanese_font() is None:
        raise SystemExit("the Japanese figures need a font with Japanese glyphs")
    set_random_seed(1)
    (x, y), _ = fashion_mnist_mini.load_data()
    model = Sequential(
        [
            Flatten(input_shape=(28, 28)),
            Dense(128, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=SGD(learning_rate=0.02, momentum=0.9),
        metrics=["accuracy"],
    )
    history = model.fit(x / 255.0, y, epochs=40, validation_split=0.2, verbose=0)
    IMAGES.mkdir(parents=True, exist_ok=True)
    for lang, name in FIGURES.items():
        figure = Figure(figsize=(10.4, 3.9), layout="constrained")
        plots.learning_curves(history, figure.subplots(1, 2), lang=lang)
        figure.savefig(IMAGES / name, dpi=80, metadata={"Software": None})


if __name__ == "__main__":
    main()
