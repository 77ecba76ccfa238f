def dense_forward(x, w, b):
    z = x @ w
    z[0] = z[0] + b
    return z
