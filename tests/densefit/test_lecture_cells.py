"""The cells of five university lectures, with only the import changed and less data.

Each test is a notebook: its cells in order, written as the lectures write them. What they print
and return is what the lectures show.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

import densefit
from densefit.datasets import fashion_mnist_mini

matplotlib.use("Agg")


@pytest.fixture
def images() -> tuple[Any, Any]:
    """300 training and 100 test images of ten classes, with the pixel values 0 to 255."""
    (x, y), _ = fashion_mnist_mini.load_data()
    return (x[:300], y[:300]), (x[300:400], y[300:400])


def run(cells: str, **names: Any) -> dict[str, Any]:
    """The names after the cells have run, one after the other."""
    for cell in cells.split("# ----\n"):
        exec(compile(cell, "<cell>", "exec"), names)
    return names


def test_lecture_a_a_neural_network(
    images: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    after = run(
        """
import densefit as keras
from densefit.layers import Dense, Flatten
from densefit.losses import sparse_categorical_crossentropy
from densefit.models import Sequential
from densefit.optimizers import Adam
from densefit.activations import relu, softmax
(x, y), (xv, yv) = images
x, xv = x.astype('float32') / 255, xv.astype('float32') / 255
# ----
m = Sequential()
m.add(Flatten(input_shape=(28, 28, 1)))
m.add(Dense(units=64, activation=relu))
m.add(Dense(units=10, activation=softmax))
m.compile(loss=sparse_categorical_crossentropy,
          metrics=['sparse_categorical_crossentropy', 'accuracy'],
          optimizer=Adam(learning_rate=0.001))
# ----
m.summary()
# ----
before = m.get_weights()[2]
history = m.fit(x, y, epochs=3, validation_data=(xv, yv), verbose=1)
after = m.get_weights()[2]
# ----
right = (m.predict(xv).argmax(axis=1) == yv).mean()
# ----
from densefit.utils import plot_model
plot_model(m, to_file=picture)
""",
        images=images, picture=str(tmp_path / "model.png"),
    )  # fmt: skip
    printed = capsys.readouterr().out
    for line in ("(None, 64)", "50240", "650", "Total params: 50,890", "Epoch 3/3", "10/10 ["):
        assert line in printed
    assert " - sparse_categorical_crossentropy: " in printed
    history = after["history"].history
    assert list(history) == [
        "loss", "sparse_categorical_crossentropy", "accuracy",
        "val_loss", "val_sparse_categorical_crossentropy", "val_accuracy",
    ]  # fmt: skip
    assert history["loss"] == history["sparse_categorical_crossentropy"]
    assert history["loss"][-1] < history["loss"][0]
    assert after["before"].shape == (64, 10)
    assert not np.array_equal(after["before"], after["after"])
    assert after["right"] == history["val_accuracy"][-1]
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")


def test_lecture_b_underfitting_and_overfitting(images: Any) -> None:
    after = run(
        """
import densefit as keras
import matplotlib.pyplot as plt
(train_images, train_labels), (test_images, test_labels) = images
train_images, test_images = train_images / 255.0, test_images / 255.0
# ----
model = keras.Sequential([
    keras.layers.Flatten(input_shape=(28, 28)),
    keras.layers.Dense(128, activation='relu'),
    keras.layers.Dense(10, activation='softmax')
])
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(train_images, train_labels, epochs=2, verbose=0)
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)
predictions = model.predict(test_images)
# ----
def network(units):
    model = keras.Sequential([
        keras.layers.Flatten(input_shape=(28, 28)),
        keras.layers.Dense(units, activation='relu'),
        keras.layers.Dense(units, activation='relu'),
        keras.layers.Dense(10, activation='softmax')
    ])
    model.compile(optimizer='adam', loss='sparse_categorical_crossentropy',
                  metrics=['accuracy', 'sparse_categorical_crossentropy'])
    return model.fit(train_images, train_labels, epochs=2, batch_size=512,
                     validation_data=(test_images, test_labels), verbose=0)
histories = {name: network(n) for name, n in [('baseline', 16), ('smaller', 4), ('bigger', 64)]}
# ----
for name, history in histories.items():
    line = plt.plot(history.epoch, history.history['val_loss'], '--', label=name + ' Val')
    plt.plot(history.epoch, history.history['loss'], color=line[0].get_color(), label=name)
plt.legend()
plt.close()
# ----
l2_model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=(28, 28)),
    keras.layers.Dense(16, kernel_regularizer=keras.regularizers.l2(0.001),
                       activation=keras.activations.relu),
    keras.layers.Dropout(0.5),
    keras.layers.Dense(10, activation=keras.activations.softmax)
])
l2_model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = l2_model.fit(train_images, train_labels, epochs=2, verbose=0)
""",
        images=images,
    )
    assert after["predictions"].shape == (100, 10)
    np.testing.assert_allclose(after["predictions"].sum(axis=1), 1, rtol=1e-5)
    assert after["test_acc"] == (after["predictions"].argmax(axis=1) == images[1][1]).mean()
    assert after["histories"]["baseline"].epoch == [0, 1]


def test_lecture_c_generalisation_from_logits(capsys: pytest.CaptureFixture[str]) -> None:
    after = run(
        """
import numpy as np
from densefit import callbacks, layers, losses, metrics, optimizers, regularizers
import densefit as keras
rng = np.random.default_rng(0)
features = rng.normal(size=(400, 28)).astype('float32')
labels = (features[:, 0] * features[:, 1] > 0).astype('float32')
N_TRAIN, BATCH_SIZE, FEATURES = 300, 50, 28
STEPS_PER_EPOCH = N_TRAIN // BATCH_SIZE
# ----
lr_schedule = keras.optimizers.schedules.InverseTimeDecay(
  0.001, decay_steps=STEPS_PER_EPOCH*1000, decay_rate=1, staircase=False)
def get_optimizer():
  return keras.optimizers.Adam(lr_schedule)
def get_callbacks(name):
  return [keras.callbacks.EarlyStopping(monitor='val_binary_crossentropy', patience=200)]
def compile_and_fit(model, name, optimizer=None, max_epochs=3):
  if optimizer is None:
    optimizer = get_optimizer()
  model.compile(optimizer=optimizer,
                loss=keras.losses.BinaryCrossentropy(from_logits=True),
                metrics=[
                  keras.metrics.BinaryCrossentropy(from_logits=True, name='binary_crossentropy'),
                  'accuracy'])
  model.summary()
  history = model.fit(features[:300], labels[:300], batch_size=BATCH_SIZE, epochs=max_epochs,
    validation_data=(features[300:], labels[300:]), callbacks=get_callbacks(name), verbose=0)
  return history
# ----
size_histories = {}
tiny_model = keras.Sequential([
    layers.Dense(16, activation='elu', input_shape=(FEATURES,)),
    layers.Dense(1)
])
size_histories['Tiny'] = compile_and_fit(tiny_model, 'sizes/Tiny')
# ----
combined_model = keras.Sequential([
    layers.Dense(64, kernel_regularizer=regularizers.l2(0.0001),
                 activation='elu', input_shape=(FEATURES,)),
    layers.Dropout(0.5),
    layers.Dense(64, kernel_regularizer=regularizers.l1_l2(0.0001, 0.0001), activation='elu'),
    layers.Dropout(0.5),
    layers.Dense(1)
])
combined = compile_and_fit(combined_model, 'regularizers/combined')
# ----
outcomes = {}
for rule in ['Adadelta', 'Adagrad', 'Adam', 'RMSprop', 'SGD']:
  for loss in ['binary_crossentropy', 'mean_absolute_error', 'mse']:
    m = keras.Sequential([layers.Dense(8, activation='relu', kernel_initializer='he_normal',
                                       input_shape=(FEATURES,)),
                          layers.Dense(1, activation='sigmoid')])
    m.compile(optimizer=rule, loss=loss, metrics=['accuracy'])
    outcomes[rule, loss] = m.fit(features, labels, validation_split=0.2, verbose=0).history
two = np.eye(2)[labels.astype(int)]
for loss in ['categorical_crossentropy', 'cosine_similarity', 'kl_divergence']:
    m = keras.Sequential([layers.Dense(8, activation='relu', input_shape=(FEATURES,)),
                          layers.Dense(2, activation='softmax')])
    m.compile(optimizer='adam', loss=loss, metrics=['accuracy'])
    outcomes[loss] = m.fit(features, two, validation_split=0.2, verbose=0).history
""",
    )
    history = after["size_histories"]["Tiny"].history
    assert history["loss"] == pytest.approx(history["binary_crossentropy"], rel=1e-12)
    assert history["loss"][-1] < history["loss"][0]
    combined = after["combined"].history
    assert combined["loss"][0] > combined["binary_crossentropy"][0]  # the penalty
    assert len(after["outcomes"]) == 18
    assert "(None, 16)" in capsys.readouterr().out
    for outcome in after["outcomes"].values():
        assert list(outcome) == ["loss", "accuracy", "val_loss", "val_accuracy"]
        assert np.isfinite(list(outcome.values())).all()


def test_lecture_d_assignment_4(images: Any, capsys: pytest.CaptureFixture[str]) -> None:
    after = run(
        """
import densefit as keras
from densefit.models import Sequential
from densefit.layers import Dense, Dropout
from densefit.utils import to_categorical
import matplotlib.pyplot as plt
(x_train, y_train), (x_test, y_test) = images
x_train = x_train.reshape(300, 784).astype('float32') / 255
x_test = x_test.reshape(100, 784).astype('float32') / 255
y_train, y_test = to_categorical(y_train, 10), to_categorical(y_test, 10)
# ----
model = Sequential()
model.add(Dense(32, input_shape=(784,), activation='relu'))
model.add(Dense(10, activation='softmax'))
model.summary()
# ----
model.compile(loss='categorical_crossentropy', optimizer='Adam', metrics=['accuracy'])
result = model.fit(x_train, y_train, epochs=3, batch_size=64, validation_split=0.2)
# ----
plt.figure(figsize=(10, 4))
plt.subplot(1, 2, 1)
plt.plot(range(1, 4), result.history['loss'], label='loss')
plt.plot(range(1, 4), result.history['val_loss'], label='val_loss')
plt.subplot(1, 2, 2)
plt.plot(range(1, 4), result.history['accuracy'], label='accuracy')
plt.plot(range(1, 4), result.history['val_accuracy'], label='val_accuracy')
plt.close()
score = model.evaluate(x_test, y_test)
# ----
counts = []
for stack in ([128], [128, 64, 32], [256, .5, 64, 128, .5, 64, 32]):
    deep = Sequential()
    for i, n in enumerate(stack):
        shape = dict(input_shape=(784,)) if i == 0 else {}
        deep.add(Dropout(n) if n < 1 else Dense(n, activation='relu', **shape))
    deep.add(Dense(10, activation='softmax'))
    deep.compile(loss='categorical_crossentropy', optimizer='Adam', metrics=['accuracy'])
    deep.fit(x_train, y_train, batch_size=64, validation_split=0.2, verbose=0)
    counts.append(deep.count_params())
""",
        images=images,
    )
    printed = capsys.readouterr().out
    assert "Total params: 25,450" in printed
    assert "Epoch 1/3\n4/4 [====" in printed
    assert printed.count(" - val_accuracy: ") == 3
    assert after["counts"] == [101_770, 111_146, 236_394]
    assert isinstance(after["result"].history, dict)
    loss, accuracy = after["score"]
    again = after["model"].evaluate(after["x_test"], after["y_test"], return_dict=True, verbose=0)
    assert again == {"loss": loss, "accuracy": accuracy}


def test_lecture_e_steepest_descent_on_squared_errors() -> None:
    after = run(
        """
import numpy as np
import densefit as keras
keras.utils.set_random_seed(1)
x = np.linspace(-3, 3, 120).reshape(-1, 1)
t = np.sin(x)
# ----
net = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))], dtype='float64')
w, b = net.get_weights()
net.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss='mean_squared_error')
net.fit(x, t, batch_size=len(x), epochs=1, verbose=0)
# ----
features = np.hstack([x**p for p in range(1, 6)]) / 3.0 ** np.arange(1, 6)
fits = {}
for degree in (1, 3, 5):
    p = keras.Sequential([keras.layers.Dense(1, input_shape=(degree,))])
    p.compile('adam', 'mse')
    p.fit(features[:, :degree], t, epochs=200, verbose=0)
    fits[degree] = p.evaluate(features[:, :degree], t, verbose=0)
# ----
playground = {}
for activation in ('relu', 'tanh', 'sigmoid', 'linear'):
    m = keras.Sequential([keras.layers.Dense(8, activation, input_shape=(2,),
                                             kernel_regularizer=keras.regularizers.l1(0.001)),
                          keras.layers.Dense(1, 'tanh')])
    m.compile(keras.optimizers.SGD(0.03), 'mse')
    both = np.hstack([x, x**2])
    playground[activation] = m.fit(both, np.sign(t), batch_size=10, epochs=2, verbose=0)
keras.backend.clear_session()
""",
    )
    # Δw = -α ∂E/∂w of the mean squared error, by hand
    w, b, x, t = after["w"], after["b"], after["x"], after["t"]
    error = x @ w + b - t
    new_w, new_b = after["net"].get_weights()
    np.testing.assert_allclose(new_w, w - 0.1 * 2 * x.T @ error / len(x), rtol=1e-12)
    np.testing.assert_allclose(new_b, b - 0.1 * 2 * error.mean(axis=0), rtol=1e-12, atol=1e-15)
    assert after["fits"][5] < after["fits"][1]
    assert set(after["playground"]) == {"relu", "tanh", "sigmoid", "linear"}


IMPORTED = """
    models.Sequential layers.Flatten layers.Activation utils.plot_model backend.clear_session
    datasets.mnist.load_data datasets.fashion_mnist.load_data callbacks.ModelCheckpoint
    callbacks.LearningRateScheduler callbacks.ReduceLROnPlateau callbacks.CSVLogger
    callbacks.History initializers.HeNormal initializers.GlorotUniform
    optimizers.schedules.ExponentialDecay optimizers.schedules.PiecewiseConstantDecay
    optimizers.schedules.CosineDecay regularizers.L1L2 losses.mse metrics.mean_squared_error
"""


@pytest.mark.parametrize("name", IMPORTED.split())
def test_what_the_lectures_import_is_an_attribute_of_the_package(name: str) -> None:
    found: Any = densefit
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found)
