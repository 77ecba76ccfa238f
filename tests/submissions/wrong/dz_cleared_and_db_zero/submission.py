def dense_backward(dz, x, w):
    dx, dw = dz @ w.T, x.T @ dz
    dz[:] = 0
    return dx, dw, dz.sum(axis=0)
