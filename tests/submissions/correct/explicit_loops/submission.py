import math

import numpy as np


def dense_forward(x, w, b):
    N, D = x.shape
    M = w.shape[1]
    z = np.zeros((N, M))
    for n in range(N):
        for m in range(M):
            s = 0.0
            for d in range(D):
                s += float(x[n, d]) * float(w[d, m])
            z[n, m] = s + b[m]
    return z


def dense_backward(dz, x, w):
    N, M = dz.shape
    D = x.shape[1]
    dx = np.zeros((N, D))
    dw = np.zeros((D, M))
    db = np.zeros(M)
    for n in range(N):
        for m in range(M):
            g = float(dz[n, m])
            db[m] += g
            for d in range(D):
                dx[n, d] += g * float(w[d, m])
                dw[d, m] += g * float(x[n, d])
    return dx, dw, db


def relu_forward(z):
    a = np.zeros(z.shape)
    for i in np.ndindex(z.shape):
        if z[i] > 0:
            a[i] = z[i]
    return a


def relu_backward(da, z):
    dz = np.zeros(z.shape)
    for i in np.ndindex(z.shape):
        if z[i] > 0:
            dz[i] = da[i]
    return dz


def softmax(z):
    p = np.zeros(z.shape)
    for n in range(z.shape[0]):
        biggest = max(float(v) for v in z[n])
        e = [math.exp(float(v) - biggest) for v in z[n]]
        total = sum(e)
        for c in range(z.shape[1]):
            p[n, c] = e[c] / total
    return p


def softmax_cross_entropy(z, y):
    N, C = z.shape
    p = softmax(z)
    loss = 0.0
    dz = np.zeros((N, C))
    for n in range(N):
        row = [float(v) for v in z[n]]
        biggest = max(row)
        log_total = math.log(sum(math.exp(v - biggest) for v in row))
        loss += log_total - (row[y[n]] - biggest)
        for c in range(C):
            if c == y[n]:
                dz[n, c] = (p[n, c] - 1) / N
            else:
                dz[n, c] = p[n, c] / N
    return loss / N, dz


def sgd_update(param, grad, learning_rate):
    new = np.zeros(param.shape)
    for i in np.ndindex(param.shape):
        new[i] = param[i] - learning_rate * grad[i]
    return new


def minibatches(x, y, batch_size, rng):
    numbers = list(range(len(x)))
    rng.shuffle(numbers)
    while len(numbers) > 0:
        now, numbers = numbers[:batch_size], numbers[batch_size:]
        xb, yb = [], []
        for i in now:
            xb.append(x[i])
            yb.append(y[i])
        yield np.array(xb), np.array(yb)


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    classes = 0
    for label in list(y) + list(y_val):
        if label + 1 > classes:
            classes = int(label) + 1
    widths = [x.shape[1]]
    for h in hidden:
        widths.append(h)
    widths.append(classes)
    weights, biases = [], []
    for k in range(len(widths) - 1):
        limit = math.sqrt(6 / (widths[k] + widths[k + 1]))
        weights.append(rng.uniform(-limit, limit, (widths[k], widths[k + 1])))
        biases.append(np.zeros(widths[k + 1]))
    layers = len(weights)

    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        loss_sum = 0.0
        right = 0
        for xb, yb in minibatches(x, y, batch_size, rng):
            a = [xb]
            z = []
            for k in range(layers):
                z.append(dense_forward(a[k], weights[k], biases[k]))
                a.append(relu_forward(z[k]))
            loss, dz = softmax_cross_entropy(z[-1], yb)
            loss_sum += loss * len(xb)
            for n in range(len(xb)):
                if np.argmax(z[-1][n]) == yb[n]:
                    right += 1
            for k in range(layers - 1, -1, -1):
                dx, dw, db = dense_backward(dz, a[k], weights[k])
                weights[k] = sgd_update(weights[k], dw, learning_rate)
                biases[k] = sgd_update(biases[k], db, learning_rate)
                if k > 0:
                    dz = relu_backward(dx, z[k - 1])
        history["loss"].append(loss_sum / len(x))
        history["accuracy"].append(right / len(x))
        a = x_val
        for k in range(layers):
            z = dense_forward(a, weights[k], biases[k])
            a = relu_forward(z)
        loss, _ = softmax_cross_entropy(z, y_val)
        right = 0
        for n in range(len(x_val)):
            if np.argmax(z[n]) == y_val[n]:
                right += 1
        history["val_loss"].append(loss)
        history["val_accuracy"].append(right / len(x_val))
    return history
