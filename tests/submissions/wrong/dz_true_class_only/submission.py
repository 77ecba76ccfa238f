def softmax_cross_entropy(z, y):
    n = len(y)
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    t = np.eye(z.shape[1])[y]
    return -np.sum(t * log_p) / n, t * (p - 1) / n
