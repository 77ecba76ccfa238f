# 課題4　多層パーセプトロン
import numpy as np


# 全結合層の順伝播
def dense_forward(x, w, b):
    出力 = np.dot(x, w) + b
    return 出力


# 全結合層の逆伝播（誤差逆伝播法）
def dense_backward(dz, x, w):
    入力の勾配 = np.dot(dz, w.T)
    重みの勾配 = np.dot(x.T, dz)
    バイアスの勾配 = np.sum(dz, axis=0)
    return 入力の勾配, 重みの勾配, バイアスの勾配


# 活性化関数
def relu_forward(z):
    return np.maximum(z, 0)


def relu_backward(da, z):
    正の部分 = z > 0
    return da * 正の部分


# オーバーフローを避けるため、最大値を引いてから指数関数を計算する
def softmax(z):
    指数 = np.exp(z - np.max(z, axis=1, keepdims=True))
    return 指数 / np.sum(指数, axis=1, keepdims=True)


# 交差エントロピー誤差とその勾配
def softmax_cross_entropy(z, y):
    データ数 = len(y)
    番号 = np.arange(データ数)
    z = z - np.max(z, axis=1, keepdims=True)
    対数確率 = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    損失 = -np.mean(対数確率[番号, y])
    勾配 = np.exp(対数確率)
    勾配[番号, y] -= 1
    return 損失, 勾配 / データ数


# 最急降下法
def sgd_update(param, grad, learning_rate):
    return param - learning_rate * grad


# ミニバッチ
def minibatches(x, y, batch_size, rng):
    順番 = rng.permutation(len(x))
    for 先頭 in range(0, len(x), batch_size):
        選択 = 順番[先頭 : 先頭 + batch_size]
        yield x[選択], y[選択]


def 順伝播(x, 層):
    記録 = []
    for w, b in 層:
        z = dense_forward(x, w, b)
        記録.append((x, z))
        x = relu_forward(z)
    return z, 記録


def 評価(x, y, 層):
    z, _ = 順伝播(x, 層)
    損失, _ = softmax_cross_entropy(z, y)
    return float(損失), float(np.mean(np.argmax(z, axis=1) == y))


# 学習
def train(x, y, x_val, y_val, hidden, epochs, batch_size, learning_rate, rng):
    クラス数 = int(max(y.max(), y_val.max())) + 1
    層 = []
    入力数 = x.shape[1]
    for ユニット数 in list(hidden) + [クラス数]:
        重み = rng.normal(0, np.sqrt(2 / 入力数), (入力数, ユニット数))
        層.append((重み, np.zeros(ユニット数)))
        入力数 = ユニット数
    履歴 = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for エポック in range(epochs):
        for xb, yb in minibatches(x, y, batch_size, rng):
            z, 記録 = 順伝播(xb, 層)
            _, 勾配 = softmax_cross_entropy(z, yb)
            for i in reversed(range(len(層))):
                入力, z = 記録[i]
                if i < len(層) - 1:
                    勾配 = relu_backward(勾配, z)
                w, b = 層[i]
                勾配, dw, db = dense_backward(勾配, 入力, w)
                層[i] = (sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate))
        損失, 正解率 = 評価(x, y, 層)
        検証損失, 検証正解率 = 評価(x_val, y_val, 層)
        履歴["loss"].append(損失)
        履歴["accuracy"].append(正解率)
        履歴["val_loss"].append(検証損失)
        履歴["val_accuracy"].append(検証正解率)
    return 履歴
