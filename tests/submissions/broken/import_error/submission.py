import numpy as np
import my_favourite_library


def dense_forward(x, w, b):
    return x @ w + b
