def relu_backward(da, z):
    return np.where(da > 0, da, 0)
