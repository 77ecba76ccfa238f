def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(len(x) // batch_size + 1):
        part = order[i * batch_size : (i + 1) * batch_size]
        yield x[part], y[part]
