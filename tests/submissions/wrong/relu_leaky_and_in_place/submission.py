def relu_forward(z):
    z[z < 0] *= 0.01
    return z
