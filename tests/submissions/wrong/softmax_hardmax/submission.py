def softmax(z):
    return np.eye(z.shape[1])[z.argmax(axis=1)]
