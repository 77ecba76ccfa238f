def dense_backward(dz, x, w):
    return dz @ w.T, (dz.T @ x).reshape(w.shape), dz.sum(axis=0)
