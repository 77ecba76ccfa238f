def relu_backward(da, z):
    return da.copy()
