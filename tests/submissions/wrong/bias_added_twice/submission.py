def dense_forward(x, w, b):
    z = np.zeros((len(x), w.shape[1]))
    for n in range(len(x)):
        z[n] = b
        for d in range(len(w)):
            z[n] += x[n, d] * w[d]
    return z + b
