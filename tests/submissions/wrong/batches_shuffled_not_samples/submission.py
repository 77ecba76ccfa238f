def minibatches(x, y, batch_size, rng):
    starts = np.arange(0, len(x), batch_size)
    for i in rng.permutation(starts):
        yield x[i : i + batch_size], y[i : i + batch_size]
