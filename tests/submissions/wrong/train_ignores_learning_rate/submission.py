def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    classes = 1 + max(y.max(), y_val.max())
    layers = initialise([x.shape[1], *hidden, classes], rng)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        total = np.zeros(2)
        for xb, yb in minibatches(x, y, batch_size, rng):
            total += len(xb) * np.array(train_step(xb, yb, layers, 0.1))
        figures = [*(total / len(x)), *evaluate(x_val, y_val, layers)]
        for name, value in zip(history, figures, strict=True):
            history[name].append(float(value))
    return history
