def dense_backward(dz, x, w):
    m = x.shape[0]
    dw = 1 / m * np.dot(x.T, dz)
    db = 1 / m * np.sum(dz, axis=0)
    dx = np.dot(dz, w.T)
    return dx, dw, db
