def dense_backward(dz, x, w):
    return dz @ w, x.T @ dz, dz.sum(axis=0)
