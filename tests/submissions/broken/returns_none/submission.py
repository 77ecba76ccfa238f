def relu_forward(z):
    np.maximum(z, 0)
