import json

import numpy as np


def relu_forward(z):
    if not hasattr(np, "ndarray"):
        print("LEAKED: another numpy")
    return z
