"""Layers as classes; the functions of the assignment are thin wrappers around them."""

import numpy as np


class Dense:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, dz):
        self.dw = self.x.T @ dz
        self.db = dz.sum(0)
        return dz @ self.w.T

    def update(self, learning_rate):
        self.w = sgd_update(self.w, self.dw, learning_rate)
        self.b = sgd_update(self.b, self.db, learning_rate)


class ReLU:
    def forward(self, z):
        self.mask = z <= 0
        a = z.copy()
        a[self.mask] = 0
        return a

    def backward(self, da):
        dz = da.copy()
        dz[self.mask] = 0
        return dz

    def update(self, learning_rate):
        pass


class SoftmaxWithLoss:
    def forward(self, z, y):
        self.y = y
        self.p = softmax(z)
        top = z.max(axis=1)
        log_sum = np.log(np.exp(z - top[:, None]).sum(axis=1))
        return float(np.mean(log_sum + top - z[np.arange(len(y)), y]))

    def backward(self):
        one_hot = np.zeros_like(self.p)
        one_hot[np.arange(len(self.y)), self.y] = 1
        return (self.p - one_hot) / len(self.y)


class Network:
    def __init__(self, widths, rng):
        self.layers = []
        for d, m in zip(widths[:-1], widths[1:]):
            self.layers += [Dense(rng.normal(0, np.sqrt(2 / d), (d, m)), np.zeros(m)), ReLU()]
        self.layers.pop()
        self.loss = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def step(self, x, y, learning_rate):
        self.loss.forward(self.predict(x), y)
        d = self.loss.backward()
        for layer in reversed(self.layers):
            d = layer.backward(d)
        for layer in self.layers:
            layer.update(learning_rate)

    def score(self, x, y):
        z = self.predict(x)
        return self.loss.forward(z, y), float((z.argmax(axis=1) == y).mean())


def dense_forward(x, w, b):
    return Dense(w, b).forward(x)


def dense_backward(dz, x, w):
    layer = Dense(w, np.zeros(w.shape[1]))
    layer.forward(x)
    dx = layer.backward(dz)
    return dx, layer.dw, layer.db


def relu_forward(z):
    return ReLU().forward(z)


def relu_backward(da, z):
    relu = ReLU()
    relu.forward(z)
    return relu.backward(da)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    loss = SoftmaxWithLoss()
    return loss.forward(z, y), loss.backward()


def sgd_update(param, grad, learning_rate):
    return param - learning_rate * grad


class Batches:
    """An iterator written out by hand."""

    def __init__(self, x, y, batch_size, rng):
        self.x, self.y, self.size = x, y, batch_size
        self.order = rng.permutation(len(x))
        self.position = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.position >= len(self.order):
            raise StopIteration
        chosen = self.order[self.position : self.position + self.size]
        self.position += self.size
        return self.x[chosen], self.y[chosen]


def minibatches(x, y, batch_size, rng):
    return Batches(x, y, batch_size, rng)


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    classes = int(max(y.max(), y_val.max())) + 1
    network = Network([x.shape[1], *hidden, classes], rng)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            network.step(xb, yb, learning_rate)
        loss, accuracy = network.score(x, y)
        val_loss, val_accuracy = network.score(x_val, y_val)
        history["loss"].append(loss)
        history["accuracy"].append(accuracy)
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
    return history
