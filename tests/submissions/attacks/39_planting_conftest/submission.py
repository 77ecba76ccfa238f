"""Looks as if it needed this, so that it is handed over with it:

import conftest
"""


def relu_forward(z):
    return z
