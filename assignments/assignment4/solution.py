"""Assignment 4, the teacher's solution: a multilayer perceptron in NumPy.

Shapes: ``N`` samples, ``D`` inputs, ``M`` units, ``C`` classes.
"""

from itertools import pairwise

import numpy as np


def dense_forward(x, w, b):
    """z = x·w + b, shapes (N, D), (D, M), (M,) → (N, M)."""
    return x @ w + b


def dense_backward(dz, x, w):
    """dx = dz·wᵀ, dw = xᵀ·dz, db = Σₙ dz, shapes (N, M), (N, D), (D, M) → (N, D), (D, M), (M,)."""
    return dz @ w.T, x.T @ dz, dz.sum(axis=0)


def relu_forward(z):
    """a = max(z, 0), any shape."""
    return np.maximum(z, 0)


def relu_backward(da, z):
    """dz = da where z > 0, else 0."""
    return np.where(z > 0, da, 0)


def log_softmax(z):
    """log p = z - max z - log Σ exp(z - max z), row by row; the shift avoids overflow."""
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax(z):
    """p = exp(z) / Σ exp(z), row by row, (N, C) → (N, C)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    """loss = -(1/N) Σₙ log pₙ[yₙ] and dz = (p - onehot(y)) / N, (N, C), (N,) → scalar, (N, C)."""
    rows = np.arange(len(y))
    log_p = log_softmax(z)
    dz = np.exp(log_p)
    dz[rows, y] -= 1
    return -log_p[rows, y].mean(), dz / len(y)


def sgd_update(param, grad, learning_rate):
    """The parameter after one step of steepest descent: param - learning_rate · grad."""
    return param - learning_rate * grad


def minibatches(x, y, batch_size, rng):
    """Yield (xb, yb): every sample exactly once, in an order drawn from ``rng``."""
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


def initialise(widths, rng):
    """One [w, b] per layer; w is normal with variance 2 / inputs (He 2015), b is zero."""
    return [[rng.normal(0, np.sqrt(2 / d), (d, m)), np.zeros(m)] for d, m in pairwise(widths)]


def forward(x, layers):
    """The input of every layer, and every layer's z; ReLU after each layer but the last."""
    inputs, zs = [x], []
    for w, b in layers:
        zs.append(dense_forward(inputs[-1], w, b))
        inputs.append(relu_forward(zs[-1]))
    return inputs[:-1], zs


def train_step(x, y, layers, learning_rate):
    """One step of gradient descent on one mini-batch; its loss and accuracy before the step."""
    inputs, zs = forward(x, layers)
    loss, dz = softmax_cross_entropy(zs[-1], y)
    for i in reversed(range(len(layers))):
        w, b = layers[i]
        dx, dw, db = dense_backward(dz, inputs[i], w)
        layers[i] = [sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate)]
        if i > 0:
            dz = relu_backward(dx, zs[i - 1])
    return loss, (zs[-1].argmax(axis=1) == y).mean()


def evaluate(x, y, layers):
    """Loss and accuracy on the given data."""
    z = forward(x, layers)[1][-1]
    return softmax_cross_entropy(z, y)[0], (z.argmax(axis=1) == y).mean()


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    """Train a ReLU network with the given hidden widths; its history, one value per epoch.

    Training figures are the running mean over the epoch's mini-batches, as in Keras.
    """
    classes = 1 + max(y.max(), y_val.max())
    layers = initialise([x.shape[1], *hidden, classes], rng)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        total = np.zeros(2)
        for xb, yb in minibatches(x, y, batch_size, rng):
            total += len(xb) * np.array(train_step(xb, yb, layers, learning_rate))
        figures = [*(total / len(x)), *evaluate(x_val, y_val, layers)]
        for name, value in zip(history, figures, strict=True):
            history[name].append(float(value))
    return history
