def minibatches(x, y, batch_size, rng):
    while True:
        chosen = rng.permutation(len(x))[:batch_size]
        yield x[chosen], y[chosen]
