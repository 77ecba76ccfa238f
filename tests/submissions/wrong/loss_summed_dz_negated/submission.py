def softmax_cross_entropy(z, y):
    log_p = log_softmax(z)
    target = np.eye(z.shape[1])[y]
    return -(target * log_p).sum(), (target - np.exp(log_p)) / len(y)
