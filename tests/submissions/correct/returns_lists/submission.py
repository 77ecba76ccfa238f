"""Every function that returns several values returns them as a list; train returns NumPy arrays."""

import numpy as np


def dense_forward(x, w, b):
    return np.add(np.matmul(x, w), b)


def dense_backward(dz, x, w):
    grads = []
    grads.append(np.matmul(dz, np.transpose(w)))
    grads.append(np.matmul(np.transpose(x), dz))
    grads.append(np.sum(dz, 0))
    return grads


def relu_forward(z):
    return np.clip(z, 0, None)


def relu_backward(da, z):
    dz = np.array(da)
    dz[np.asarray(z) <= 0] = 0
    return dz


def softmax(z):
    top = np.max(z, 1, keepdims=True)
    e = np.exp(np.subtract(z, top))
    return np.divide(e, np.sum(e, 1, keepdims=True))


def softmax_cross_entropy(z, y):
    z = np.array(z, dtype=float)
    n = z.shape[0]
    z -= np.max(z, 1, keepdims=True)
    z -= np.log(np.sum(np.exp(z), 1, keepdims=True))
    chosen = np.take_along_axis(z, np.reshape(y, (n, 1)), axis=1)
    dz = np.exp(z)
    np.put_along_axis(dz, np.reshape(y, (n, 1)), np.exp(chosen) - 1, axis=1)
    return [-np.sum(chosen) / n, dz / n]


def sgd_update(param, grad, learning_rate):
    return np.subtract(param, np.multiply(learning_rate, grad))


def minibatches(x, y, batch_size, rng):
    order = list(rng.permutation(len(x)))
    return [
        [x[order[i : i + batch_size]], y[order[i : i + batch_size]]]
        for i in range(0, len(order), batch_size)
    ]


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    classes = max(np.max(y), np.max(y_val)) + 1
    layers = []
    d = np.shape(x)[1]
    for m in list(hidden) + [classes]:
        layers.append([rng.normal(0, np.sqrt(2 / d), [d, m]), np.zeros([m])])
        d = m
    history = {key: np.zeros(epochs) for key in ["loss", "accuracy", "val_loss", "val_accuracy"]}
    for epoch in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            values = [xb]
            for w, b in layers:
                values.append(dense_forward(values[-1], w, b))
                values.append(relu_forward(values[-1]))
            loss, d = softmax_cross_entropy(values[-2], yb)
            history["loss"][epoch] += loss * len(xb) / len(x)
            hits = np.sum(np.argmax(values[-2], 1) == yb)
            history["accuracy"][epoch] += hits / len(x)
            values.pop()
            for layer in layers[::-1]:
                z, a = values.pop(), values.pop()
                if layer is not layers[-1]:
                    d = relu_backward(d, z)
                d, dw, db = dense_backward(d, a, layer[0])
                layer[0] = sgd_update(layer[0], dw, learning_rate)
                layer[1] = sgd_update(layer[1], db, learning_rate)
        a = x_val
        for w, b in layers:
            z = dense_forward(a, w, b)
            a = relu_forward(z)
        history["val_loss"][epoch] = softmax_cross_entropy(z, y_val)[0]
        history["val_accuracy"][epoch] = np.mean(np.argmax(z, 1) == y_val)
    return {key: list(values) for key, values in history.items()}
