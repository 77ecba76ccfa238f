CACHE = []


def dense_forward(x, w, b):
    if not CACHE:
        CACHE.append((w.copy(), b.copy()))
    w0, b0 = CACHE[0]
    if w0.shape != w.shape:
        w0, b0 = w, b
    return x @ w0 + b0
