def sgd_update(param, grad, learning_rate):
    return param - learning_rate * np.sign(grad)
