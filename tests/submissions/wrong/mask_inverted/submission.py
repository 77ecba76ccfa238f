def relu_backward(da, z):
    dz = da.copy()
    dz[z > 0] = 0
    return dz
