def relu_forward(z):
    return np.max(z, 0)
