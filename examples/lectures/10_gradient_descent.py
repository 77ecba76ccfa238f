"""Steepest descent on a slope of one weight, with several learning rates."""

# %% [markdown] en
# # Steepest descent
#
# w ← w − α · dE/dw, fifteen times, with several learning rates α, on E = w²/2. The black square is
# the start, the star the end.

# %% [markdown] ja
# # 最急降下法
#
# E = w²/2 の上で w ← w − α · dE/dw を 15 回繰り返し、学習率 α を変えて比べます。
# 黒い四角が開始点、星が終点です。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.gradient_descent()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# A small rate creeps, a good one arrives, a large one jumps from side to side, and one above 2
# diverges. Where there are two valleys, the start decides which one is found, and it may not be the
# deeper one:

# %% [markdown] ja
# 学習率が小さいとなかなか進まず、適切なら到着し、大きいと左右に跳び、2 を超えると発散します。
# 谷が 2 つあるときは、どちらに着くかは開始点で決まり、深い方とは限りません。

# %%
for start in (-0.5, 2.0):
    valleys = experiments.gradient_descent(experiments.TWO_VALLEYS, start=start)
    valleys.plot(title=f"w = {start}", lang=LANG)
    plt.show()
