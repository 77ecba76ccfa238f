def relu_forward(z):
    return np.minimum(0, z)
