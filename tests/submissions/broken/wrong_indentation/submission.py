import numpy as np


def relu_forward(z):
    a = np.maximum(z, 0)
   return a
