def dense_backward(dz, x, w):
    dx = dz @ w.T
    dw = x.T @ dz / len(x)
    db = np.sum(dz, axis=0)
    return dx, dw, db
