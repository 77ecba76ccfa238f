"""Training figures are measured after the epoch, with the weights it ended with."""

import numpy as np


def dense_forward(x, w, b):
    return x @ w + b


def dense_backward(dz, x, w):
    dx = dz @ w.T
    dw = x.T @ dz
    db = np.sum(dz, axis=0)
    return dx, dw, db


def relu_forward(z):
    return np.maximum(0, z)


def relu_backward(da, z):
    return np.where(z > 0, da, 0)


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    n = len(y)
    shifted = z - np.max(z, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.sum(log_p[range(n), y]) / n
    dz = np.exp(log_p)
    dz[range(n), y] -= 1
    return loss, dz / n


def sgd_update(param, grad, learning_rate):
    return param - learning_rate * grad


def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        part = order[i : i + batch_size]
        yield x[part], y[part]


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
