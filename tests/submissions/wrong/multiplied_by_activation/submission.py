def relu_backward(da, z):
    return da * relu_forward(z)
