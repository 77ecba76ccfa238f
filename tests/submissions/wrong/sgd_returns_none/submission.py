def sgd_update(param, grad, learning_rate):
    param = param - learning_rate * grad
