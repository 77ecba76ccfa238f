def relu_backward(da, z):
    return da * (np.sign(z) + 1) / 2
