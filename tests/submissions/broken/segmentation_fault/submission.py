import ctypes


def dense_forward(x, w, b):
    ctypes.string_at(0)
    return x @ w + b
