def dense_forward(x, w, b):
    return relu_forward(x @ w + b)
