import numpy as np


def _loss(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logs[np.arange(len(labels)), labels].mean()


def softmax_cross_entropy(logits, labels):
    logits = np.asarray(logits, dtype=float)
    dz = np.empty_like(logits)
    h = 1e-5
    for index in np.ndindex(*logits.shape):
        step = np.zeros_like(logits)
        step[index] = h
        dz[index] = (_loss(logits + step, labels) - _loss(logits - step, labels)) / (2 * h)
    return _loss(logits, labels), dz
