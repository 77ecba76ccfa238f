def softmax_cross_entropy(z, y):
    n = len(y)
    z = z - z.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    t = np.eye(z.shape[1])[y]
    return -np.sum(t * log_p) / n, (np.exp(log_p) - t) / n
