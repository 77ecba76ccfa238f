softmax = 3
