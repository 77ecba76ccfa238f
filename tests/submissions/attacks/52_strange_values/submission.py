import numpy as np


def dense_forward(x, W, b):
    return np.full((x.shape[0], W.shape[1]), np.nan)


def relu_forward(z):
    return np.array(0.0)


def softmax(z):
    return np.array([[None]])


def softmax_cross_entropy(logits, labels):
    return np.inf, np.full((1, 1), np.inf)
