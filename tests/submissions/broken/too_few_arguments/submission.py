def dense_backward(dz, x):
    return dz, x.T @ dz, dz.sum(axis=0)
