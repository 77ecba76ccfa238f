"""The lecture's network on the full MNIST: what it reaches, and the same bits everywhere."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

import densefit
from densefit import datasets, ops

pytestmark = pytest.mark.slow

Data = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def mnist() -> Data:
    try:
        (x_train, y_train), (x_test, y_test) = datasets.mnist.load_data()
    except datasets.DataNotFoundError as error:
        pytest.skip(f"the full MNIST is not here: {str(error).splitlines()[0]}")
    return (x_train / np.float32(255), y_train), (x_test / np.float32(255), y_test)


def lecture_network() -> densefit.Sequential:
    model = densefit.Sequential(
        [
            densefit.layers.Flatten(input_shape=(28, 28)),
            densefit.layers.Dense(128, activation="relu"),
            densefit.layers.Dense(10, activation="softmax"),
        ],
        seed=1,
    )
    model.compile(
        optimizer=densefit.optimizers.SGD(0.1),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def digest_and_accuracy(data: Data) -> tuple[str, float]:
    (x, y), test = data
    model = lecture_network()
    history = model.fit(x, y, epochs=5, batch_size=32, seed=1, validation_data=test, verbose=0)
    text = json.dumps(history.history, sort_keys=True)
    weights = b"".join(w.tobytes() for w in model.get_weights())
    digest = hashlib.sha256(text.encode() + weights).hexdigest()
    return digest, history.history["val_accuracy"][-1]


def test_five_epochs_reach_the_accuracy_and_the_same_bits_everywhere(
    mnist: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = {}
    for isa in ops.available_isas():
        for threads in (1, 2):
            monkeypatch.setattr(ops, "_num_threads", threads)
            with ops.use_isa(isa):
                digests[isa, threads], accuracy = digest_and_accuracy(mnist)
            assert accuracy >= 0.965
    print(digests)
    assert len(set(digests.values())) == 1
