# %% [markdown]
# # Assignment 4: a multilayer perceptron from scratch
# # 課題4: 多層パーセプトロンをゼロから作る
#
# Replace each `raise NotImplementedError(...)` by your own code, NumPy only. `README.md` explains
# everything. Check yourself as often as you like: `grader check assignment4 starter.py`
# (or `starter.ipynb`, if you work in the notebook).
#
# 各関数の `raise NotImplementedError(...)` を自分のコードに書き換えてください。使えるのは NumPy だけです。
# 詳しい説明は `README.ja.md` にあります。提出前に何度でも自分で確認できます:
# `grader check assignment4 starter.py` (ノートブックで作業する場合は `starter.ipynb`)。
#
# Shapes / 記号: `N` samples データ数, `D` inputs 入力数, `M` units ユニット数, `C` classes クラス数.

# %%
import numpy as np

# %% [markdown]
# ## 1. Dense layer / 全結合層


# %%
def dense_forward(x, w, b):
    """z = x·w + b

    x: (N, D), w: (D, M), b: (M,) → z: (N, M)

    Every unit's weighted sum of the inputs, plus its bias.
    各ユニットについて、入力の重み付き和にバイアスを足します。
    """
    raise NotImplementedError("Write dense_forward here. / ここに dense_forward を書いてください。")


def dense_backward(dz, x, w):
    """dx = dz·wᵀ,  dw = xᵀ·dz,  db = Σₙ dz

    dz: (N, M), x: (N, D), w: (D, M) → dx: (N, D), dw: (D, M), db: (M,)

    dz is the gradient of the loss with respect to z; it holds the 1/N of the mean already.
    dz は損失の z についての勾配です。平均の 1/N はすでに含まれています。
    """
    raise NotImplementedError(
        "Write dense_backward here. / ここに dense_backward を書いてください。"
    )


# %% [markdown]
# ## 2. Activation function / 活性化関数


# %%
def relu_forward(z):
    """a = max(z, 0), element by element

    z: any shape → a: the same shape

    要素ごとに計算します。z の形 (shape) は何でもかまいません。
    """
    raise NotImplementedError("Write relu_forward here. / ここに relu_forward を書いてください。")


def relu_backward(da, z):
    """dz = da where z > 0, 0 where z < 0

    da, z: any shape → dz: the same shape

    Where z is exactly 0 the gradient may be 0 or da, but always the same of the two.
    z がちょうど 0 のところの勾配は 0 でも da でもよいですが、常に同じ方にしてください。
    """
    raise NotImplementedError("Write relu_backward here. / ここに relu_backward を書いてください。")


# %% [markdown]
# ## 3. Softmax and loss / ソフトマックスと損失


# %%
def softmax(z):
    """p[n, c] = exp(z[n, c]) / Σₖ exp(z[n, k])

    z: (N, C) → p: (N, C), every row sums to 1

    Must be finite for any finite z, 1000 and -1000 included.
    z がどんな有限の値でも (1000 や -1000 でも)、結果は有限でなければなりません。
    """
    raise NotImplementedError("Write softmax here. / ここに softmax を書いてください。")


def softmax_cross_entropy(z, y):
    """loss = -(1/N) Σₙ log p[n, y[n]],  dz = (p - onehot(y)) / N,  p = softmax(z)

    z: (N, C), y: (N,) integer labels 0 … C-1 → loss: a number, dz: (N, C)

    Must be finite for any finite z.
    損失は全データの平均です。z がどんな有限の値でも、結果は有限でなければなりません。
    """
    raise NotImplementedError(
        "Write softmax_cross_entropy here. / ここに softmax_cross_entropy を書いてください。"
    )


# %% [markdown]
# ## 4. Training / 学習


# %%
def sgd_update(param, grad, learning_rate):
    """param - learning_rate · grad

    param, grad: the same shape → the updated parameter: the same shape

    Return it, as a new array or as param itself, changed in place.
    新しい配列を返しても、param 自体を書き換えて返してもかまいません (最急降下法)。
    """
    raise NotImplementedError("Write sgd_update here. / ここに sgd_update を書いてください。")


def minibatches(x, y, batch_size, rng):
    """Yield (xb, yb): every sample exactly once, in a new random order at every call.

    x: (N, …), y: (N,) → pairs of (≤ batch_size, …) and (≤ batch_size,)

    Draw the order from rng (a numpy.random.Generator). The last batch may be short.
    順番は rng (numpy.random.Generator) で決めます。最後のバッチは短くてかまいません。
    """
    raise NotImplementedError("Write minibatches here. / ここに minibatches を書いてください。")


def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    """Train a network and return its history: {"loss": […], "accuracy": […],
    "val_loss": […], "val_accuracy": […]}, one value per epoch in each list.

    x: (N, D), y: (N,), x_val: (N′, D), y_val: (N′,); hidden: the widths of the hidden layers,
    e.g. [64, 32]; one output unit per class, ReLU after each hidden layer, softmax at the end.

    The validation data are for measuring only. Accuracies lie between 0 and 1.
    検証データは測定だけに使い、学習には使いません。正解率は 0 から 1 の値です。
    hidden は隠れ層のユニット数のリストです。出力層のユニット数はクラス数です。
    """
    raise NotImplementedError("Write train here. / ここに train を書いてください。")


# %% [markdown]
# ## 5. Your own experiment / 自分の実験
#
# Change the numbers, run it, look at the curves, and answer in `diagnosis.toml` under `[own]`.
# Does your network underfit, fit well or overfit? At which epoch should training have stopped?
#
# 数値を変えて実行し、学習曲線を見て、`diagnosis.toml` の `[own]` に答えを書いてください。
# 学習不足ですか、適切ですか、過学習ですか。どのエポックで学習を打ち切るべきでしたか。


# %%
def load_images():
    """Real Fashion-MNIST images: 700 for training, 200 for validation, pixels scaled to 0 … 1.

    本物の Fashion-MNIST の画像です (訓練用 700 枚、検証用 200 枚)。画素値は 0 … 1 です。
    """
    from densefit.datasets import fashion_mnist_mini

    (x_train, y_train), (x_test, y_test) = fashion_mnist_mini.load_data()
    x_train = x_train.reshape(len(x_train), 28 * 28) / 255.0
    x_test = x_test.reshape(len(x_test), 28 * 28) / 255.0
    return x_train, y_train.astype(int), x_test, y_test.astype(int)


def draw_curves(history, filename):
    """Loss and accuracy over the epochs; training solid, validation dashed.

    損失と正解率のグラフを描きます (実線: 訓練データ、破線: 検証データ)。
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    epochs = range(1, len(history["loss"]) + 1)
    for ax, name in zip(axes, ["loss", "accuracy"]):
        ax.plot(epochs, history[name], "-", label="training")
        ax.plot(epochs, history["val_" + name], "--", label="validation")
        ax.set_xlabel("epoch")
        ax.set_ylabel(name)
        ax.grid(alpha=0.3)
        ax.legend()
    figure.savefig(filename)
    plt.show()


# %%
if __name__ == "__main__":  # not run when the grader loads your file / 採点時には実行されません
    import json

    x, y, x_val, y_val = load_images()
    history = train(
        x,
        y,
        x_val,
        y_val,
        hidden=[64],
        epochs=30,
        batch_size=32,
        learning_rate=0.1,
        rng=np.random.default_rng(1),
    )
    figures = {name: [float(v) for v in values] for name, values in history.items()}
    with open("history.json", "w") as file:  # named in diagnosis.toml / diagnosis.toml で使います
        json.dump(figures, file)
    draw_curves(figures, "curves.png")
