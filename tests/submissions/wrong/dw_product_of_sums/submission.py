def dense_backward(dz, x, w):
    dw = np.outer(x.sum(axis=0), dz.sum(axis=0))
    return dz @ w.T, dw, dz.sum(axis=0)
