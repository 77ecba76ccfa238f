"""More units bring no promise: 400, 4,000 and 40,000 in the first layer."""

# %% [markdown] en
# # More and more units
#
# One hidden layer of 400, 4,000 and 40,000 units. The last network has 32 million parameters; its
# training takes most of the time of this page, and half a gigabyte of memory.

# %% [markdown] ja
# # ユニットを増やしていく
#
# 隠れ層 1 層を 400、4,000、40,000 ユニットにします。最後のネットワークのパラメータは 3,200 万個で、
# このページの時間のほとんどはその学習にかかり、メモリを 0.5 GB 使います。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.units()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# All three reach about the same validation accuracy. More units bring no promise: what grows is the
# time, and the risk of overfitting.

# %% [markdown] ja
# 検証データの正解率は 3 つともほぼ同じです。ユニットを増やしても良くなるとは限りません。
# 増えるのは時間と過学習の危険です。
