def softmax_cross_entropy(z, y):
    n = len(y)
    p = np.clip(softmax(z), 1e-12, 1 - 1e-12)
    t = np.eye(z.shape[1])[y]
    loss = -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p)) / n
    return loss, (softmax(z) - t) / n
