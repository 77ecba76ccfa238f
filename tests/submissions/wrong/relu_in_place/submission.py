def relu_forward(z):
    z[z < 0] = 0
    return z
