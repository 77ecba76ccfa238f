def dense_backward(dz, x, w):
    dx, dw, db = dz @ w.T, x.T @ dz, dz.sum(axis=0)
    dz *= 0
    return dx, dw, db
