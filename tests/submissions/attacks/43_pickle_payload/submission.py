import os

import numpy as np


class Payload:
    def __reduce__(self):
        return os.system, ("echo LEAKED",)


def relu_forward(z):
    return np.array([Payload()], dtype=object)


def softmax(z):
    return Payload()
