def relu_forward(z):
    return np.abs(z)
