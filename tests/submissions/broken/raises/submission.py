def softmax_cross_entropy(z, y):
    raise ValueError("I do not know how")
