"""The mathematics, imported by submission.py."""

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
