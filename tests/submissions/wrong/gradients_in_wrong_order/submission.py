def dense_backward(dz, x, w):
    return x.T @ dz, dz.sum(axis=0), dz @ w.T
