ORDERS = {}


def minibatches(x, y, batch_size, rng):
    if len(x) not in ORDERS:
        ORDERS[len(x)] = rng.permutation(len(x))
    order = ORDERS[len(x)]
    for i in range(0, len(x), batch_size):
        part = order[i : i + batch_size]
        yield x[part], y[part]
