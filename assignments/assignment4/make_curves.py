"""Makes the learning curves that the students read: ``python make_curves.py``.

Real trainings on the embedded Fashion-MNIST images with the functions of ``solution.py``, written
to ``curves/`` as JSON and PNG. The file names say nothing about the answers, and no answers are
stored: the grader reads the curves anew at grading time (``grader.diagnosis.reading``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import solution
from matplotlib.ticker import MaxNLocator

from densefit.datasets import fashion_mnist_mini

CURVES = Path(__file__).with_name("curves")
COMMON: dict[str, Any] = {"batch_size": 32, "samples": 700, "dropout": 0.0}
# Softmax regression, the network without a hidden layer: what every network should beat.
BASELINE = COMMON | {"units": [], "epochs": 50, "learning_rate": 0.1, "seed": 40}
EXPERIMENTS = {
    "curve_1": COMMON | {"units": [128], "epochs": 60, "learning_rate": 0.1, "seed": 41},
    "curve_2": COMMON | {"units": [4, 4], "epochs": 40, "learning_rate": 0.01, "seed": 42},
    "curve_3": COMMON
    | {"units": [128, 64], "dropout": 0.5, "epochs": 60, "learning_rate": 0.03, "seed": 43},
    "curve_4": COMMON | {"units": [32], "epochs": 55, "learning_rate": 0.04, "seed": 44},
}
FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")


def data() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The 700 and 200 embedded images as rows of 784 numbers in [0, 1], and their labels."""
    train, test = fashion_mnist_mini.load_data()
    return tuple((x.reshape(len(x), -1) / 255.0, y.astype(int)) for x, y in (train, test))  # type: ignore[return-value]


def dropout(a: Any, rate: float, rng: np.random.Generator) -> tuple[Any, Any]:
    """Inverted dropout (Srivastava 2014): the output, and the mask that the gradient meets."""
    mask = (rng.random(a.shape) >= rate) / (1.0 - rate)
    return a * mask, mask


def train_step(x: Any, y: Any, layers: Any, setting: dict[str, Any], rng: Any) -> tuple[Any, Any]:
    """One mini-batch with dropout after every hidden layer; its loss and accuracy."""
    inputs, zs, masks = [x], [], []
    for w, b in layers:
        zs.append(solution.dense_forward(inputs[-1], w, b))
        a, mask = dropout(solution.relu_forward(zs[-1]), setting["dropout"], rng)
        inputs.append(a)
        masks.append(mask)
    loss, dz = solution.softmax_cross_entropy(zs[-1], y)
    for i in reversed(range(len(layers))):
        dx, *gradients = solution.dense_backward(dz, inputs[i], layers[i][0])
        layers[i] = [
            solution.sgd_update(p, g, setting["learning_rate"])
            for p, g in zip(layers[i], gradients, strict=True)
        ]
        if i > 0:
            dz = solution.relu_backward(dx * masks[i - 1], zs[i - 1])
    return loss, (zs[-1].argmax(axis=1) == y).mean()


def run(setting: dict[str, Any]) -> dict[str, list[float]]:
    """Train the network of one setting; its history."""
    (x, y), (x_val, y_val) = data()
    x, y = x[: setting["samples"]], y[: setting["samples"]]
    rng = np.random.default_rng(setting["seed"])
    layers = solution.initialise([x.shape[1], *setting["units"], 10], rng)
    rows = []
    for _ in range(setting["epochs"]):
        total = np.zeros(2)
        for xb, yb in solution.minibatches(x, y, setting["batch_size"], rng):
            total += len(xb) * np.array(train_step(xb, yb, layers, setting, rng))
        rows.append([*(total / len(x)), *solution.evaluate(x_val, y_val, layers)])
    return dict(zip(FIGURES, np.round(rows, 5).T.tolist(), strict=True))


def draw(history: dict[str, list[float]], title: str, path: Path) -> None:
    """Loss and accuracy side by side, training solid, validation dashed; nothing marked."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    epochs = range(1, 1 + len(history["loss"]))
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, history[name], "-", label="training")
        axis.plot(epochs, history["val_" + name], "--", label="validation")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.grid(alpha=0.3)
        axis.legend()
    figure.suptitle(title)
    figure.savefig(path, dpi=80, metadata={"Software": None})
    plt.close(figure)


def write(name: str, setting: dict[str, Any]) -> None:
    """Run one setting, and write ``name.json`` and ``name.png``."""
    history = run(setting)
    rows = ",\n".join(f'  "{key}": {json.dumps(values)}' for key, values in history.items())
    text = f'{{\n "setting": {json.dumps(setting)},\n "history": {{\n{rows}\n }}\n}}\n'
    (CURVES / f"{name}.json").write_text(text, encoding="utf-8")
    draw(history, name, CURVES / f"{name}.png")


if __name__ == "__main__":
    CURVES.mkdir(exist_ok=True)
    for name, setting in {"baseline": BASELINE, **EXPERIMENTS}.items():
        write(name, setting)
        print(f"curves/{name}.json")
