import numpy as np


def dense_forward(x, w, b):
    return np.einsum("nd,dm->nm", x, w) + b[None, :]


def dense_backward(dz, x, w):
    return (
        np.einsum("nm,dm->nd", dz, w),
        np.einsum("nd,nm->dm", x, dz),
        np.einsum("nm->m", dz),
    )


def relu_forward(z):
    return (np.abs(z) + z) / 2


def relu_backward(da, z):
    return np.multiply(da, np.heaviside(np.sign(z), 0.0))


def softmax(z):
    e = np.exp(z - np.amax(z, axis=-1)[..., None])
    return np.einsum("nc,n->nc", e, 1 / np.einsum("nc->n", e))


def softmax_cross_entropy(z, y):
    n, c = z.shape
    target = np.eye(c)[y]
    shifted = z - np.amax(z, axis=-1, keepdims=True)
    log_sum = np.log(np.einsum("nc->n", np.exp(shifted)))
    loss = (np.sum(log_sum) - np.einsum("nc,nc->", shifted, target)) / n
    return loss, (softmax(z) - target) / n


def sgd_update(param, grad, learning_rate):
    return np.add(param, np.multiply(grad, -learning_rate))


def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(y))
    for chosen in np.array_split(order, range(batch_size, len(y), batch_size)):
        yield x.take(chosen, axis=0), y.take(chosen, axis=0)


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    widths = [x.shape[1], *hidden, 1 + max(y.max(), y_val.max())]
    params = [
        (rng.normal(scale=1 / np.sqrt(d), size=(d, m)), np.zeros(m))
        for d, m in zip(widths[:-1], widths[1:])
    ]

    def run(a):
        tape = []
        for w, b in params:
            z = dense_forward(a, w, b)
            tape.append((a, z))
            a = relu_forward(z)
        return z, tape

    def measure(a, labels):
        z, _ = run(a)
        return softmax_cross_entropy(z, labels)[0], (z.argmax(1) == labels).mean()

    rows = []
    for _ in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            z, tape = run(xb)
            _, grad = softmax_cross_entropy(z, yb)
            updated = []
            for (w, b), (a, z) in zip(params[::-1], tape[::-1]):
                if updated:
                    grad = relu_backward(grad, z)
                grad, dw, db = dense_backward(grad, a, w)
                updated.append(
                    (sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate))
                )
            params = updated[::-1]
        rows.append((*measure(x, y), *measure(x_val, y_val)))
    columns = np.array(rows).T.tolist()
    return dict(zip(("loss", "accuracy", "val_loss", "val_accuracy"), columns))
