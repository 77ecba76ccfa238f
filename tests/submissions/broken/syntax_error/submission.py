import numpy as np


def dense_forward(x, w, b)
    return x @ w + b
