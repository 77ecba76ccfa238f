import numpy as np


def dense_forward(x, W, b):
    raise ValueError("x" * 10**7)


def relu_forward(z):
    return np.zeros(10**8, dtype=np.int8)


class Huge:
    def __repr__(self):
        return "x" * 10**8


def softmax(z):
    return Huge()


def softmax_cross_entropy(logits, labels):
    while True:
        print("x" * 10**6)
