def dense_forward(x, w, b):
    return x @ w.T + b
