def softmax_cross_entropy(z, y):
    n = len(y)
    p = softmax(softmax(z))
    dz = p.copy()
    dz[np.arange(n), y] -= 1
    return -np.mean(np.log(p[np.arange(n), y])), dz / n
