import numpy as np

F = np.float32


def f32(a):
    return np.asarray(a, dtype=F)


def dense_forward(x, w, b):
    return f32(x) @ f32(w) + f32(b)


def dense_backward(dz, x, w):
    dz, x, w = f32(dz), f32(x), f32(w)
    return dz @ w.T, x.T @ dz, np.sum(dz, axis=0)


def relu_forward(z):
    return np.maximum(f32(z), F(0))


def relu_backward(da, z):
    return f32(da) * (np.asarray(z) > 0)


def softmax(z):
    z = f32(z)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_cross_entropy(z, y):
    z = f32(z)
    n = len(z)
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -np.mean(log_p[np.arange(n), y])
    dz = np.exp(log_p)
    dz[np.arange(n), y] -= F(1)
    return loss, dz / F(n)


def sgd_update(param, grad, learning_rate):
    return f32(param) - F(learning_rate) * f32(grad)


def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    x, x_val = f32(x), f32(x_val)
    classes = int(max(y.max(), y_val.max())) + 1
    widths = [x.shape[1], *hidden, classes]
    ws = [f32(rng.normal(0, (2 / d) ** 0.5, (d, m))) for d, m in zip(widths[:-1], widths[1:])]
    bs = [np.zeros(m, F) for m in widths[1:]]

    def forward(a):
        inputs, zs = [], []
        for w, b in zip(ws, bs):
            inputs.append(a)
            zs.append(dense_forward(a, w, b))
            a = relu_forward(zs[-1])
        return inputs, zs

    def evaluate(a, labels):
        z = forward(a)[1][-1]
        return float(softmax_cross_entropy(z, labels)[0]), float(np.mean(z.argmax(1) == labels))

    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            inputs, zs = forward(xb)
            dz = softmax_cross_entropy(zs[-1], yb)[1]
            for i in range(len(ws))[::-1]:
                dx, dw, db = dense_backward(dz, inputs[i], ws[i])
                ws[i], bs[i] = (
                    sgd_update(ws[i], dw, learning_rate),
                    sgd_update(bs[i], db, learning_rate),
                )
                if i:
                    dz = relu_backward(dx, zs[i - 1])
        for name, value in zip(history, evaluate(x, y) + evaluate(x_val, y_val)):
            history[name].append(value)
    return history
