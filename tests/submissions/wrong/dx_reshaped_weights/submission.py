def dense_backward(dz, x, w):
    return dz @ w.reshape(w.shape[1], w.shape[0]), x.T @ dz, dz.sum(axis=0)
