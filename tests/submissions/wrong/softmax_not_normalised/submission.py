def softmax(z):
    return np.exp(z - z.max(axis=1, keepdims=True))
