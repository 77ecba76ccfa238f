"""Writes the Keras files of this folder: run with Keras 3 installed, in this folder.

``keras3.weights.h5`` has Keras 3's layout, ``keras2.h5`` the older one, ``expected.json`` what
Keras predicts with these weights.
"""

import json
from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent


def main() -> None:
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((2, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(4, activation="relu", bias_initializer="uniform", name="first"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, activation="tanh", use_bias=False),
            keras.layers.Dense(2, activation="softmax", bias_initializer="uniform"),
        ]
    )
    x = np.linspace(-2, 2, 24).reshape(4, 2, 3)
    model.save_weights(HERE / "keras3.weights.h5")
    model.save(HERE / "keras2.h5")
    expected = {
        "keras": keras.__version__,
        "x": x.tolist(),
        "predictions": np.asarray(model.predict(x, verbose=0), np.float64).tolist(),
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
