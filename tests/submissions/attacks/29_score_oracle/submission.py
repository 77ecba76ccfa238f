def relu_forward(z):
    return z + 0.123456789
