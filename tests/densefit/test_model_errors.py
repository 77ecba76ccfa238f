"""What goes wrong is said before anything is trained, and names what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import densefit as keras
from densefit import Sequential, layers, losses, metrics, optimizers, regularizers

from .classifiers import classifier

X, Y = np.zeros((10, 6)), np.arange(10) % 3


def ends_with(activation: str | None, loss: object) -> Any:
    model = Sequential([layers.Dense(3, activation)])
    model.compile("sgd", loss)
    return model.fit(X, Y if "parse" in str(getattr(loss, "name", loss)) else np.eye(3)[Y])


def one_hot_model() -> Sequential:
    model = Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


def nan_at(*index: int) -> np.ndarray:
    x = X.copy()
    x[index] = np.nan
    return x


CASES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "not compiled": (
        lambda: Sequential([layers.Dense(3)]).fit(X, Y),
        RuntimeError,
        r"compiled first, for example model\.compile\(",
    ),
    "no loss": (lambda: Sequential().compile("sgd"), ValueError, "compile needs loss="),
    "no layers": (lambda: _compiled(Sequential()).fit(X, Y), ValueError, "no layers"),
    "unknown compile argument": (
        lambda: Sequential().compile("sgd", "mse", los="x"),
        TypeError,
        "no argument 'los'",
    ),
    "activation misspelt": (
        lambda: layers.Dense(3, "rleu"),
        ValueError,
        r"unknown activation 'rleu'\. Did you mean 'relu'\?",
    ),
    "loss misspelt": (
        lambda: losses.get("sparse_categorical_crossentrpy"),
        ValueError,
        "Did you mean 'sparse_categorical_crossentropy'",
    ),
    "optimizer misspelt": (lambda: optimizers.get("Adma"), ValueError, "Did you mean 'adam'"),
    "metric misspelt": (lambda: metrics.get("acuracy"), ValueError, "Did you mean 'accuracy'"),
    "regularizer misspelt": (lambda: regularizers.get("l1l3"), ValueError, "Did you mean 'l1_l2'"),
    "initializer misspelt": (
        lambda: layers.Dense(1, kernel_initializer="he_uniforn"),
        ValueError,
        "Did you mean 'he_uniform'",
    ),
    "activation of another kind": (
        lambda: layers.Dense(3, np.tanh),
        TypeError,
        "a function of densefit.activations",
    ),
    "width": (
        lambda: classifier().fit(np.zeros((10, 7)), Y),
        ValueError,
        r"x must have shape \(n_samples, 6\), got \(10, 7\)",
    ),
    "images into Dense": (
        lambda: classifier().fit(np.zeros((10, 2, 3)), Y),
        ValueError,
        r"layers\.Flatten\(input_shape=\(2, 3\)\) or pass x\.reshape\(len\(x\), 6\)",
    ),
    "images into Dense without a shape": (
        lambda: one_hot_model().predict(np.zeros((10, 2, 3))),
        ValueError,
        r"takes flat samples .* got samples of shape \(2, 3\): put layers\.Flatten\(\)",
    ),
    "a single sample": (
        lambda: classifier().predict(np.zeros(6)),
        ValueError,
        r"pass a batch of one, x\[None\]",
    ),
    "ragged": (lambda: classifier().predict([[1.0] * 6, [2.0]]), ValueError, "rows of x differ"),
    "a generator": (
        lambda: classifier().fit(iter([X]), Y),
        ValueError,
        "x gives mini-batches: y, .* left out",
    ),
    "NaN": (lambda: classifier().fit(nan_at(4, 2), Y), ValueError, r"x\[4, 2\]"),
    "NaN in validation": (
        lambda: classifier().fit(X, Y, validation_data=(nan_at(4, 2), Y)),
        ValueError,
        r"validation_data\[0\]\[4, 2\]",
    ),
    "label outside": (
        lambda: classifier().fit(X, np.where(np.arange(10) == 7, 3, Y)),
        ValueError,
        r"y\[7\]",
    ),
    "number of labels": (
        lambda: classifier().fit(X, Y[:9]),
        ValueError,
        r"y must have one entry per sample \(10\), got shape \(9,\)",
    ),
    "no labels": (lambda: classifier().fit(X), ValueError, "y is missing"),
    "one-hot for labels": (
        lambda: classifier().fit(X, np.eye(3)[Y]),
        ValueError,
        r"loss='categorical_crossentropy' or y\.argmax\(axis=1\)",
    ),
    "labels for one-hot": (
        lambda: one_hot_model().fit(X, Y),
        ValueError,
        r"loss='sparse_categorical_crossentropy' or utils\.to_categorical\(y, 3\)",
    ),
    "too many classes in one-hot": (
        lambda: one_hot_model().fit(X, np.eye(4)[Y]),
        ValueError,
        r"y must have shape \(10, 3\) .* got \(10, 4\)",
    ),
    "one output for classes": (
        lambda: _compiled(Sequential([layers.Dense(1, "softmax")])).fit(X, Y),
        ValueError,
        "one output per class, the model has 1",
    ),
    "no softmax": (
        lambda: ends_with("relu", "categorical_crossentropy"),
        ValueError,
        r"'dense' has 'relu': use activation='softmax'",
    ),
    "logits and softmax": (
        lambda: ends_with("softmax", losses.SparseCategoricalCrossentropy(from_logits=True)),
        ValueError,
        "leave one of the two out",
    ),
    "split leaves nothing": (
        lambda: classifier().fit(X, Y, validation_split=0.99),
        ValueError,
        "0 for training and 10 for validation",
    ),
    "split of a percentage": (
        lambda: classifier().fit(X, Y, validation_split=20),
        ValueError,
        "validation_split must be from 0 to below 1, got 20",
    ),
    "validation data": (
        lambda: classifier().fit(X, Y, validation_data=X),
        TypeError,
        r"must be \(x_val, y_val\)",
    ),
    "no samples": (lambda: classifier().fit(X[:0], Y[:0]), ValueError, "no samples to train"),
    "epochs": (lambda: classifier().fit(X, Y, epochs=0), ValueError, "epochs must be at least 1"),
    "batch size": (
        lambda: classifier().fit(X, Y, batch_size=3.5),
        TypeError,
        "batch_size must be a positive integer, got float 3.5",
    ),
    "initial epoch": (
        lambda: classifier().fit(X, Y, epochs=2, initial_epoch=3),
        ValueError,
        "from 0 to epochs=2",
    ),
    "verbose": (lambda: classifier().fit(X, Y, verbose=7), ValueError, "verbose must be 'auto'"),
    "shuffle": (lambda: classifier().fit(X, Y, shuffle="batch"), ValueError, "True or False"),
    "seed": (lambda: classifier().fit(X, Y, seed=1.5), TypeError, "seed must be an integer"),
    "negative seed": (lambda: classifier(seed=-1), ValueError, "seed must be from 0"),
    "callbacks": (
        lambda: classifier().fit(X, Y, callbacks=[keras.callbacks.History]),
        TypeError,
        "callbacks must be objects",
    ),
    "class weight": (
        lambda: classifier().fit(X, Y, class_weight={0: 1, 2: 1}),
        ValueError,
        "no entry for class 1",
    ),
    "sample weight": (
        lambda: classifier().fit(X, Y, sample_weight=-np.ones(10)),
        ValueError,
        r"sample_weight\[0\] is -1",
    ),
    "number of weights": (
        lambda: classifier().set_weights([np.zeros((6, 8))]),
        ValueError,
        r"4 weight arrays .*\(6, 8\), \(8,\), \(8, 3\), \(3,\).* got 1",
    ),
    "shape of weights": (
        lambda: classifier().layers[0].set_weights([np.zeros((8, 6)), np.zeros(8)]),
        ValueError,
        r"weights\[0\] must have the shape \(6, 8\) of 'dense/kernel', got \(8, 6\)",
    ),
    "summary too early": (
        lambda: Sequential([layers.Dense(3)], name="m").summary(),
        ValueError,
        r"'m' does not know the shape .*build\(\(None, n_features\)\)",
    ),
    "layer class": (
        lambda: Sequential([layers.Flatten]),
        TypeError,
        r"Flatten is a class: write Flatten\(\.\.\.\)",
    ),
    "no layer": (lambda: Sequential([128]), TypeError, r"layers such as layers\.Dense\(10\)"),
    "a model as a layer": (
        lambda: Sequential([Sequential([layers.Dense(3)]), layers.Softmax()]),
        TypeError,
        r"Sequential\(\[\*model\.layers, \.\.\.\]\)",
    ),
    "twice the same layer": (
        lambda: Sequential([layer := layers.Dense(3), layer]),
        ValueError,
        "'dense' is in the model already",
    ),
    "twice the same name": (
        lambda: Sequential([layers.Dense(3, name="a"), layers.Dense(3, name="a")]),
        ValueError,
        "two layers are called 'a'",
    ),
    "late input": (
        lambda: Sequential([layers.Dense(3), layers.Input((4,))]),
        ValueError,
        "Input must come first",
    ),
    "input shape without comma": (
        lambda: layers.Dense(3, input_shape=(784)),  # type: ignore[arg-type]
        TypeError,
        r"a tuple such as \(784,\)",
    ),
    "units": (lambda: layers.Dense(0), ValueError, "units must be at least 1"),
    "units of another type": (lambda: layers.Dense("relu"), TypeError, "units must be a positive"),
    "dropout rate": (lambda: layers.Dropout(50), ValueError, "from 0 to below 1; got 50"),
    "unknown layer argument": (
        lambda: layers.Dense(3, activaton="relu"),
        TypeError,
        "Dense has no argument 'activaton'",
    ),
    "frozen layer": (
        lambda: setattr(layers.Dense(3), "trainable", False),
        NotImplementedError,
        "cannot freeze",
    ),
    "functional API": (lambda: layers.Dense(3)(X), NotImplementedError, "no functional API"),
    "softmax over images": (
        lambda: Sequential([layers.Softmax(input_shape=(2, 2))]),
        ValueError,
        "softmax takes flat samples",
    ),
    "convolution": (
        lambda: layers.Conv2D(32, 3),  # type: ignore[attr-defined]
        NotImplementedError,
        "Conv2D is not part of densefit.*layers.Flatten",
    ),
    "batch normalisation": (
        lambda: layers.BatchNormalization(),  # type: ignore[attr-defined]
        NotImplementedError,
        "scale the inputs once",
    ),
    "layer misspelt": (
        lambda: layers.Dence,  # type: ignore[attr-defined]
        AttributeError,
        "no attribute 'Dence'. Did you mean 'Dense'",
    ),
    "module misspelt": (
        lambda: keras.layer,  # type: ignore[attr-defined]
        AttributeError,
        "Did you mean 'layers'",
    ),
    "float type": (
        lambda: keras.backend.set_floatx("float16"),
        ValueError,
        "'float32' or 'float64', got 'float16'",
    ),
    "learning rate": (lambda: optimizers.SGD("fast"), ValueError, "learning_rate must be"),
    "amsgrad": (
        lambda: optimizers.Adam(amsgrad=True),
        NotImplementedError,
        "no amsgrad=True: leave it out",
    ),
    "momentum": (lambda: optimizers.SGD(0.1, momentum=1.5), ValueError, "momentum must be"),
    "metric that is not the loss": (
        lambda: Sequential().compile("sgd", "sparse_categorical_crossentropy", ["mse"]),
        ValueError,
        "'mse' takes rows of values, which are not the targets of the loss 'sparse",
    ),
    "metrics of one name": (
        lambda: metrics.get_all(["accuracy", "accuracy"]),
        ValueError,
        "two metrics are called 'accuracy'",
    ),
    "penalty": (lambda: regularizers.L2(-1), ValueError, "l2 must be .* at least 0"),
}


def _compiled(model: Sequential) -> Sequential:
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("case", CASES)
def test_error_names_the_mistake_and_prints_nothing(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call, kind, message = CASES[case]
    with pytest.raises(kind, match=message) as caught:
        call()
    assert type(caught.value) is kind
    assert capsys.readouterr().out == ""


def test_a_fit_that_is_refused_fixes_nothing() -> None:
    model, twin = classifier(), classifier()
    with pytest.raises(ValueError, match="epochs"):
        model.fit(X, Y, seed=1, epochs=0)
    for other in (model, twin):
        other.fit(X, Y, seed=2, verbose=0)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


def test_one_optimizer_object_serves_one_model(capsys: pytest.CaptureFixture[str]) -> None:
    shared = optimizers.SGD()
    classifier(optimizer=shared).fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match="already trains another model"):
        classifier(optimizer=shared).fit(X, Y, verbose=0)


def test_names_of_keras_can_be_imported_and_only_fail_when_used() -> None:
    from densefit.layers import Conv2D, Dense, MaxPooling2D  # type: ignore[attr-defined]

    assert Dense is layers.Dense
    assert Conv2D.__name__ == "Conv2D"
    with pytest.raises(NotImplementedError, match="MaxPooling2D"):
        MaxPooling2D(2)
