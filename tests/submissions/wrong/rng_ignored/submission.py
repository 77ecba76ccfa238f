def minibatches(x, y, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(x))
    for i in range(0, len(x), batch_size):
        part = order[i : i + batch_size]
        yield x[part], y[part]
