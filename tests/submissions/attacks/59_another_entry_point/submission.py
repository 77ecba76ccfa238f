import numpy as np


class Redirect:
    def __call__(self, z):
        return np.core.umath.maximum(z, 0.0) if hasattr(np, "core") else np.maximum(z, 0.0)


relu_forward = Redirect()
