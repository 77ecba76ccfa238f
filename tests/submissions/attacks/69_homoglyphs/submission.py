def relu_fоrward(z):  # a Cyrillic letter, and text that runs backwards: ‮
    return z


def softmax(z):
    raise ValueError("‮sevitcerid⁦")
