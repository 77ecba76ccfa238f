def relu_backward(da, z):
    da[z <= 0] = 0
    return da
