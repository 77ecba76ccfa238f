class Parameter:
    pass


def sgd_update(param, grad, learning_rate):
    return Parameter()
