def relu_forward(z):
    return np.where(z > 0, z, 0.01 * z)
