def softmax(z):
    with np.errstate(all="ignore"):
        return z / z.sum(axis=1, keepdims=True)
