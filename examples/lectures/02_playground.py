"""The problems of the Neural Network Playground, solved by a few units."""

# %% [markdown] en
# # The playground in code
#
# The four problems of classification of the Neural Network Playground, each with a network of
# 4-4 units or 8-8 for the spiral. Blue is class 1, orange class 0; the line is where the network
# is undecided.

# %% [markdown] ja
# # コードで書くプレイグラウンド
#
# ニューラルネットワーク・プレイグラウンドの分類問題 4 つを、4-4 ユニット（スパイラルは 8-8）の
# ネットワークで解きます。青がクラス 1、橙がクラス 0、線はネットワークが迷う境界です。

# %%
import matplotlib.pyplot as plt

from densefit import Sequential, plots
from densefit.datasets import playground
from densefit.layers import Dense
from densefit.optimizers import Adam

LANG = "en"


def learn(name, units, inputs=("x", "y"), epochs=200):
    """Train a small tanh network on a problem of the playground."""
    (x, y), test = playground.load_data(name, noise=10, train_share=0.5, seed=1)
    model = Sequential([Dense(units[0], "tanh", input_shape=(len(inputs),))], seed=3)
    for n in units[1:]:
        model.add(Dense(n, "tanh"))
    model.add(Dense(2, "softmax"))
    model.compile(Adam(0.03), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(playground.features(x, inputs), y, epochs=epochs, batch_size=10, seed=3, verbose=0)
    _, accuracy = model.evaluate(playground.features(test[0], inputs), test[1], verbose=0)
    return model, x, y, accuracy


# %%
figure, axes = plt.subplots(2, 2, figsize=(9.6, 8), layout="constrained")
for ax, name in zip(axes.ravel(), ("circle", "xor", "gauss", "spiral"), strict=True):
    units = (8, 8) if name == "spiral" else (4, 4)
    model, x, y, accuracy = learn(name, units)
    plots.decision_boundary(model, x, y, ax, title=f"{name}: {accuracy:.0%}", lang=LANG)
plt.show()

# %% [markdown] en
# The percentage is the accuracy on test data. With the right inputs a problem becomes easy: for
# `circle` the squares of the coordinates need no hidden layer but one of two units.

# %% [markdown] ja
# 割合はテストデータでの正解率です。適切な入力を選ぶと問題は易しくなります。
# `circle` は座標の 2 乗を入力にすれば、2 ユニットの層 1 つで解けます。

# %%
inputs = ("x^2", "y^2")
model, x, y, accuracy = learn("circle", (2,), inputs)
figure, (left, right) = plt.subplots(1, 2, figsize=(10.4, 4.4), layout="constrained")
plots.decision_boundary(
    model,
    x,
    y,
    left,
    features=lambda points: playground.features(points, inputs),
    title=f"circle: {accuracy:.0%}",
    lang=LANG,
)
plots.network(model, right, input_names=["x²", "y²"], lang=LANG)
plt.show()
