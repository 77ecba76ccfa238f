CACHE = {}


def dense_forward(x, w, b):
    w, b = CACHE.setdefault(w.shape, (w.copy(), b.copy()))
    return x @ w + b
