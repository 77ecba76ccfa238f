def dense_backward(dz, x, w):
    return dz @ w.T, x.T @ dz, np.sum(dz)
