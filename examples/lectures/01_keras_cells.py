"""The cells of the lectures, with nothing changed but the import."""

# %% [markdown] en
# # A first network
#
# The cells of the lectures: only the import says `densefit` where it said `keras`. A network of
# 784 inputs, 32 units and 10 outputs learns to tell ten kinds of clothes apart. Data: 900 images of
# Fashion-MNIST, which are part of the package; write `fashion_mnist` for all 70,000.

# %% [markdown] ja
# # はじめてのネットワーク
#
# 講義のセルそのままです。変わるのは `import` の `keras` が `densefit` になることだけです。
# 入力 784、ユニット 32、出力 10 のネットワークが 10 種類の衣類を見分けます。
# データはパッケージに含まれる Fashion-MNIST の 900 枚です。
# `fashion_mnist` と書けば 70,000 枚すべてを使います。

# %%
import matplotlib.pyplot as plt

import densefit as keras
from densefit import plots
from densefit.datasets import fashion_mnist_mini as fashion_mnist
from densefit.layers import Dense
from densefit.models import Sequential

LANG = "en"
names = {"en": fashion_mnist.CLASS_NAMES, "ja": fashion_mnist.CLASS_NAMES_JA}[LANG]
keras.utils.set_random_seed(1)
(train_images, train_labels), (test_images, test_labels) = fashion_mnist.load_data()
x_train = train_images.reshape(-1, 784) / 255
x_test = test_images.reshape(-1, 784) / 255
y_train = keras.utils.to_categorical(train_labels)
y_test = keras.utils.to_categorical(test_labels)

# %%
model = Sequential()
model.add(Dense(32, input_shape=(784,), activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="Adam", metrics=["accuracy"])
model.summary()

# %%
result = model.fit(x_train, y_train, epochs=50, batch_size=64, validation_split=0.2, verbose=0)
plots.learning_curves(result, lang=LANG)
plt.show()

# %% [markdown] en
# The training loss falls to the end; the validation loss falls, and at some epoch it stops
# falling. Beyond it the network learns its training data by heart.

# %% [markdown] ja
# 訓練データの損失は最後まで下がり続けます。検証データの損失は、あるエポックで下がらなくなります。
# その先は、訓練データを丸暗記しているだけです。

# %%
score = model.evaluate(x_test, y_test, verbose=0)
probabilities = model.predict(x_test)
plots.prediction_grid(
    test_images[:12], probabilities[:12], test_labels[:12], class_names=names, lang=LANG
)
plt.show()
print(score)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
plots.confusion_matrix(test_labels, probabilities, left, class_names=names, lang=LANG)
plots.first_layer_weights(model, right, lang=LANG)
plt.show()
