def dense_backward(dz, x, w):
    db = np.zeros(w.shape[1])
    return dz @ w.T, x.T @ dz, db
