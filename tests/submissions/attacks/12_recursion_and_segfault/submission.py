import ctypes


def dense_forward(x, W, b):
    return dense_forward(x, W, b)


def relu_forward(z):
    return ctypes.string_at(0)
