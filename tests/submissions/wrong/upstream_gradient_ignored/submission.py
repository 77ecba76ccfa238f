def relu_backward(da, z):
    return np.where(z > 0, 1.0, 0.0)
