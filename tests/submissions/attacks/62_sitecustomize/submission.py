"""Looks as if it needed these, so that they are handed over with it:

import sitecustomize, usercustomize
"""


def relu_forward(z):
    return z
