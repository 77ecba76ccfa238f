def softmax_cross_entropy(z, y):
    n = len(y)
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    t = np.eye(z.shape[1])[y]
    log_p = z - np.log(e.sum(axis=1, keepdims=True))
    return -np.sum(t * log_p) / n, (p - t) / n
