def relu_forward(z):
    return 1 / (1 + np.exp(-z))
