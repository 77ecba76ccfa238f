def sgd_update(param, grad, learning_rate):
    norm = np.sqrt(np.sum(grad**2))
    return param - learning_rate * grad / (norm + 1e-12)
