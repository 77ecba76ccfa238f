def dense_backward(dz, x, w):
    dw = np.zeros_like(w)
    db = np.zeros(w.shape[1])
    for n in range(len(x)):
        dw = np.outer(x[n], dz[n])
        db += dz[n]
    return dz @ w.T, dw, db
