def dense_forward(x, w, b):
    return np.dot(x, w) + np.sum(b)
