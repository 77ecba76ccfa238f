def sgd_update(param, grad, learning_rate):
    return -learning_rate * grad
