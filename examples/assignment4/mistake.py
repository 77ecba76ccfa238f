"""Assignment 4: a multilayer perceptron in NumPy (a submission with one mistake)."""

import numpy as np


def dense_forward(x, w, b):
    return x @ w + b


def dense_backward(dz, x, w):
    return dz @ w.T, x.T @ dz, dz.sum(axis=0)


def relu_forward(z):
    return np.maximum(z, 0)


def relu_backward(da, z):
    return np.where(z > 0, da, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    rows = np.arange(len(y))
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dz = np.exp(log_p)
    dz[rows, y] -= 1
    return -log_p[rows, y].mean(), dz


def sgd_update(param, grad, learning_rate):
    return param - learning_rate * grad


def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


def forward(x, layers):
    """The logits, and the input and pre-activation of every layer."""
    seen = []
    for i, (w, b) in enumerate(layers):
        z = dense_forward(x, w, b)
        seen.append((x, z))
        x = z if i == len(layers) - 1 else relu_forward(z)
    return x, seen


def step(xb, yb, layers, learning_rate):
    """One step of gradient descent on one mini-batch."""
    z, seen = forward(xb, layers)
    _, grad = softmax_cross_entropy(z, yb)
    for i in reversed(range(len(layers))):
        x, z = seen[i]
        if i < len(layers) - 1:
            grad = relu_backward(grad, z)
        w, b = layers[i]
        grad, dw, db = dense_backward(grad, x, w)
        layers[i] = (sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate))


def measure(x, y, layers):
    z, _ = forward(x, layers)
    loss, _ = softmax_cross_entropy(z, y)
    return float(loss), float((z.argmax(axis=1) == y).mean())


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    classes = int(max(y.max(), y_val.max())) + 1
    widths = [x.shape[1], *hidden, classes]
    layers = [
        (rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out))
        for n_in, n_out in zip(widths[:-1], widths[1:])
    ]
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            step(xb, yb, layers, learning_rate)
        for prefix, images, labels in (("", x, y), ("val_", x_val, y_val)):
            loss, accuracy = measure(images, labels, layers)
            history[prefix + "loss"].append(loss)
            history[prefix + "accuracy"].append(accuracy)
    return history
