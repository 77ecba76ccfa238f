def softmax_cross_entropy(z, y):
    log_p = log_softmax(z)
    rows = np.arange(len(y))
    dz = np.exp(log_p)
    dz[rows, y] -= 1
    return np.sum(log_p[rows, y]), dz / len(y)
