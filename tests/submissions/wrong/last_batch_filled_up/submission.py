def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        part = np.take(order, range(i, i + batch_size), mode="wrap")
        yield x[part], y[part]
