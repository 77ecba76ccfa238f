def relu_backward(da, z):
    return da * np.where(z > 0, 1, 0.01)
