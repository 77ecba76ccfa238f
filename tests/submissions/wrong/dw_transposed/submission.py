def dense_backward(dz, x, w):
    return dz @ w.T, dz.T @ x, dz.sum(axis=0)
