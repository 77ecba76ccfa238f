import helper


def relu_forward(z):
    return helper.relu(z)
