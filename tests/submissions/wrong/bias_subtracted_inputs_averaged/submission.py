def dense_forward(x, w, b):
    return np.array([[np.mean(row * col) for col in w.T] for row in x]) - b
