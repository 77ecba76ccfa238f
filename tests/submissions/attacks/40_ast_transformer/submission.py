def relu_forward(z):
    return z
