"""Is this installation alive? Imports both packages, trains a tiny network, finds assignment4.

Run against a freshly installed wheel; needs nothing but the wheel's own dependencies.
"""

from importlib.resources import files

import grader.cli  # noqa: F401  (importing it is the check)
from densefit import Sequential
from densefit.datasets import fashion_mnist_mini
from densefit.layers import Dense, Flatten
from densefit.utils import set_random_seed


def main() -> None:
    """Raise unless a small network learns and the assignment is there."""
    set_random_seed(1)
    (x, y), _ = fashion_mnist_mini.load_data()
    model = Sequential(
        [
            Flatten(input_shape=(28, 28)),
            Dense(16, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
    losses = model.fit(x / 255.0, y, epochs=3, verbose=0).history["loss"]
    if not losses[-1] < losses[0]:
        raise SystemExit(f"the training loss did not fall: {losses}")
    if not (files("grader.assignments") / "assignment4" / "assignment.toml").is_file():
        raise SystemExit("assignment4 is not in the package")
    print(f"alive: the training loss fell from {losses[0]:.3f} to {losses[-1]:.3f}")


if __name__ == "__main__":
    main()
