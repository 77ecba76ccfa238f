def sgd_update(param, grad, learning_rate):
    return param - learning_rate * np.clip(grad, -1, 1)
