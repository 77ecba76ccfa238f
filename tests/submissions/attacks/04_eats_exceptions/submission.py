def relu_forward(z):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
