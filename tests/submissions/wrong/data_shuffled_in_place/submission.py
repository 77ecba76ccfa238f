def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    x[:] = x[order]
    y[:] = y[order]
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size].copy(), y[i : i + batch_size].copy()
