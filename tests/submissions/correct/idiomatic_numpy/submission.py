import numpy as np


def dense_forward(x, w, b):
    return np.dot(x, w) + b


def dense_backward(dz, x, w):
    dx = np.dot(dz, w.T)
    dw = np.dot(x.T, dz)
    db = np.sum(dz, axis=0)
    return dx, dw, db


def relu_forward(z):
    return np.where(z > 0, z, 0)


def relu_backward(da, z):
    return da * (z > 0)


def softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    n = z.shape[0]
    z = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(z).sum(axis=1))
    loss = np.mean(log_sum - z[np.arange(n), y])
    dz = np.exp(z - log_sum[:, np.newaxis])
    dz[np.arange(n), y] -= 1.0
    return loss, dz / n


def sgd_update(param, grad, learning_rate):
    return param - learning_rate * grad


def minibatches(x, y, batch_size, rng):
    idx = rng.permutation(x.shape[0])
    for i in range(0, x.shape[0], batch_size):
        yield x[idx[i : i + batch_size]], y[idx[i : i + batch_size]]


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    sizes = [x.shape[1]] + list(hidden) + [int(max(y.max(), y_val.max())) + 1]
    W = [rng.standard_normal((a, b)) * np.sqrt(2.0 / a) for a, b in zip(sizes, sizes[1:])]
    B = [np.zeros(b) for b in sizes[1:]]

    def predict(x):
        a, cache = x, []
        for i, (w, b) in enumerate(zip(W, B)):
            z = dense_forward(a, w, b)
            cache.append((a, z))
            a = relu_forward(z)
        return z, cache

    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        losses, correct = [], 0
        for xb, yb in minibatches(x, y, batch_size, rng):
            z, cache = predict(xb)
            loss, dz = softmax_cross_entropy(z, yb)
            losses.append(loss * len(xb))
            correct += np.sum(np.argmax(z, axis=1) == yb)
            for i in range(len(W) - 1, -1, -1):
                a, z = cache[i]
                if i < len(W) - 1:
                    dz = relu_backward(dz, z)
                dz, dw, db = dense_backward(dz, a, W[i])
                W[i] = sgd_update(W[i], dw, learning_rate)
                B[i] = sgd_update(B[i], db, learning_rate)
        history["loss"].append(np.sum(losses) / len(x))
        history["accuracy"].append(correct / len(x))
        z, _ = predict(x_val)
        history["val_loss"].append(softmax_cross_entropy(z, y_val)[0])
        history["val_accuracy"].append(np.mean(np.argmax(z, axis=1) == y_val))
    return history
