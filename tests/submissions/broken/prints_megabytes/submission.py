def relu_forward(z):
    print("debug " * 20_000_000)
    return np.maximum(z, 0)
