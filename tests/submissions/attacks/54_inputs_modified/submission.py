import numpy as np


def relu_forward(z):
    z[...] = np.maximum(z, 0)
    return z.copy()
