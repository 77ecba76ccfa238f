def relu_forward(z):
    raise ValueError("'); DROP TABLE grades; --")
