"""From 32 units to 128, to 128-64-32, and to the same with dropout."""

# %% [markdown] en
# # Depth and dropout
#
# From 32 units to 128, then three layers of 128, 64 and 32; then half of the outputs of the first
# layer are dropped in training, and at last a larger network with dropout.

# %% [markdown] ja
# # 層の深さとドロップアウト
#
# 32 ユニットから 128 へ、次に 128、64、32 の 3 層へ。さらに学習中に第 1 層の出力の半分を落とし、
# 最後にドロップアウトを使ったより大きなネットワークを試します。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.depth_and_dropout()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# The larger network without dropout overfits sooner. With dropout the training loss is higher and
# the validation loss stays down: the network cannot rely on any one unit.

# %% [markdown] ja
# ドロップアウトのない大きなネットワークほど早く過学習します。ドロップアウトを使うと訓練データの
# 損失は高くなりますが、検証データの損失は低いままです。特定のユニットに頼れなくなるからです。
