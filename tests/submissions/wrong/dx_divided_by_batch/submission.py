def dense_backward(dz, x, w):
    return dz @ w.T / dz.shape[0], x.T @ dz, dz.sum(axis=0)
