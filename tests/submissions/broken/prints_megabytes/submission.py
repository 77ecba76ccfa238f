def relu_forward(z):
    print("debug " * 2_000_000)
    return np.maximum(z, 0)
