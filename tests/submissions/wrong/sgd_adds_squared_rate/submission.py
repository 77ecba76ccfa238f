def sgd_update(param, grad, learning_rate):
    step = learning_rate * grad
    return param + learning_rate * step
