def softmax_cross_entropy(z, y):
    n = len(y)
    p = softmax(z)
    loss = -np.mean(np.log(p[np.arange(n), y]))
    dz = p.copy()
    dz[np.arange(n), y] -= 1
    return loss, dz / n
