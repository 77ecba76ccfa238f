"""Underfitting and overfitting: networks of 4-4, 16-16 and 512-512 units."""

# %% [markdown] en
# # Underfitting and overfitting
#
# Three networks learn the same 500 images: two hidden layers of 4, 16 and 512 units each. **How
# many repetitions are good? Is it overfitting or not?**

# %% [markdown] ja
# # 学習不足と過学習
#
# 同じ 500 枚の画像を、隠れ層 2 層が 4、16、512 ユニットの 3 つのネットワークに学習させます。
# **学習の繰り返しは何回がよいでしょうか。過学習でしょうか、そうではないでしょうか。**

# %%
import matplotlib.pyplot as plt

from densefit import experiments, plots
from densefit.learning_curves import diagnose

LANG = "en"
result = experiments.network_sizes()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# `4-4` stays bad on training and validation data alike: underfitting. `512-512` soon makes no
# mistake on its training data, and its validation loss, least after a few epochs, turns up:
# overfitting. `16-16` lies between.

# %% [markdown] ja
# `4-4` は訓練データでも検証データでも悪いままです。これが学習不足です。`512-512` はすぐに
# 訓練データを間違えなくなりますが、検証データの損失は数エポックで最小になったあと上がっていきます。
# これが過学習です。`16-16` はその中間です。

# %% [markdown] en
# The largest network's curves alone, read by published criteria: the epochs that tie for best, and
# where overfitting sets in.

# %% [markdown] ja
# 最大のネットワークの曲線だけを、公表された基準で読み取ります。最良と同等のエポックと、
# 過学習の始まりがわかります。

# %%
history = result["512-512"].history
plots.learning_curves(history, diagnosis=diagnose(history), lang=LANG)
plt.show()
