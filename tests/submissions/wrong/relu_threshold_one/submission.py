def relu_forward(z):
    return np.where(z > 1, z, 0)
