"""Type hints, copies and assertions everywhere."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]


def copied(a: Any) -> Floats:
    return np.array(a, dtype=np.float64, copy=True, order="C")


def dense_forward(x: Floats, w: Floats, b: Floats) -> Floats:
    x, w, b = copied(x), copied(w), copied(b)
    assert x.ndim == 2 and x.shape[1] == w.shape[0], (x.shape, w.shape)
    assert b.shape == (w.shape[1],), (w.shape, b.shape)
    return x @ w + b


def dense_backward(dz: Floats, x: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    dz, x, w = copied(dz), copied(x), copied(w)
    dx, dw, db = dz @ w.T, x.T @ dz, np.ones(len(dz)) @ dz
    assert dx.shape == x.shape and dw.shape == w.shape
    return dx, dw, db


def relu_forward(z: Floats) -> Floats:
    z = copied(z)
    z[z < 0] = 0.0
    return z


def relu_backward(da: Floats, z: Floats) -> Floats:
    da = copied(da)
    da[copied(z) <= 0] = 0.0
    return da


def softmax(z: Floats) -> Floats:
    z = copied(z)
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def softmax_cross_entropy(z: Floats, y: Labels) -> tuple[float, Floats]:
    z = copied(z)
    rows = np.arange(len(z))
    z -= z.max(axis=1, keepdims=True)
    loss = float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[rows, y]))
    dz = softmax(z)
    dz[rows, y] -= 1.0
    dz /= len(z)
    return loss, dz


def sgd_update(param: Floats, grad: Floats, learning_rate: float) -> Floats:
    return copied(param) - float(learning_rate) * copied(grad)


def minibatches(
    x: Floats, y: Labels, batch_size: int, rng: np.random.Generator
) -> Iterator[tuple[Floats, Labels]]:
    assert len(x) == len(y)
    order = rng.permutation(len(x))
    return (
        (x[order[i : i + batch_size]].copy(), y[order[i : i + batch_size]].copy())
        for i in range(0, len(x), batch_size)
    )


def network(x, weights, biases):
    """The inputs of all layers and all z."""
    inputs, zs = [], []
    for w, b in zip(weights, biases):
        inputs.append(x)
        zs.append(dense_forward(x, w, b))
        x = relu_forward(zs[-1])
    return inputs, zs


def loss_and_accuracy(x, y, weights, biases):
    z = network(x, weights, biases)[1][-1]
    return softmax_cross_entropy(z, y)[0], np.mean(np.argmax(z, axis=1) == y)


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    sizes = [x.shape[1], *hidden, max(np.max(y), np.max(y_val)) + 1]
    weights = [rng.normal(0, np.sqrt(2 / d), (d, m)) for d, m in zip(sizes[:-1], sizes[1:])]
    biases = [np.zeros(m) for m in sizes[1:]]
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            inputs, zs = network(xb, weights, biases)
            _, dz = softmax_cross_entropy(zs[-1], yb)
            for i in reversed(range(len(weights))):
                dx, dw, db = dense_backward(dz, inputs[i], weights[i])
                weights[i] = sgd_update(weights[i], dw, learning_rate)
                biases[i] = sgd_update(biases[i], db, learning_rate)
                if i > 0:
                    dz = relu_backward(dx, zs[i - 1])
        loss, accuracy = loss_and_accuracy(x, y, weights, biases)
        val_loss, val_accuracy = loss_and_accuracy(x_val, y_val, weights, biases)
        history["loss"].append(loss)
        history["accuracy"].append(accuracy)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
    return history
