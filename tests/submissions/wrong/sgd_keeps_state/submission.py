STATE = {"calls": 0}


def sgd_update(param, grad, learning_rate):
    STATE["calls"] += 1
    return param - learning_rate / STATE["calls"] * grad
