class Sad(Exception):
    def __str__(self):
        raise self


def relu_backward(da, z):
    raise Sad
