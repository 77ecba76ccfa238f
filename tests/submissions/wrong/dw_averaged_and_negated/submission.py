def dense_backward(dz, x, w):
    dw = np.zeros_like(w)
    for i in range(len(x)):
        dw -= np.outer(x[i], dz[i]) / len(x)
    return dz @ w.T, dw, dz.sum(axis=0)
