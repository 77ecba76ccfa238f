def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    raise NotImplementedError("train is not written yet. / train はまだ実装されていません。")
