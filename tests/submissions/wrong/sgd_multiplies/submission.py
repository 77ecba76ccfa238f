def sgd_update(param, grad, learning_rate):
    return param * (1 - learning_rate * grad)
