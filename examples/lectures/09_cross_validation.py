"""Choosing among networks by k-fold cross-validation, the test data untouched."""

# %% [markdown] en
# # Cross-validation
#
# Which of four networks is the best? The data are divided into five folds; each network is
# trained five times, each time validated on the fold left out. The least mean validation loss wins.
# The test data are looked at once, at the very end.

# %% [markdown] ja
# # 交差検証
#
# 4 つのネットワークのうちどれが最良でしょうか。データを 5 つに分け、各ネットワークを 5 回学習させ、
# 毎回、除いておいた 1 つで検証します。検証損失の平均が最小のものを選びます。
# テストデータを見るのは最後の 1 回だけです。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.cross_validation()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# The folds differ from each other more than the better networks do: a single validation set could
# have chosen another. The test score of the chosen network, loss and accuracy:

# %% [markdown] ja
# 良いネットワーク同士の差は、分割による差より小さいものです。検証データが 1 つだけなら、
# 別のものを選んだかもしれません。
# 選ばれたネットワークのテストデータでの損失と正解率は次のとおりです。

# %%
loss, accuracy = result.test_score()
print(f"{loss:.3f}, {accuracy:.3f}")
