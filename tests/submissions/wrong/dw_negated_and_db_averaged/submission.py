def dense_backward(dz, x, w):
    return dz @ w.T, -np.dot(x.T, dz), dz.mean(axis=0)
