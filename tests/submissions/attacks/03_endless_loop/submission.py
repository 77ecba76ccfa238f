def relu_forward(z):
    while True:
        pass
