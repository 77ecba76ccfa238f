def sgd_update(param, grad, learning_rate):
    return param + grad
