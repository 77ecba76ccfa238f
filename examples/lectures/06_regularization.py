"""Tiny, Small, Medium and Large networks; L2, dropout, and both."""

# %% [markdown] en
# # L2 regularisation and dropout
#
# Networks of 16 units (Tiny) to four layers of 512 (Large) tell signal from background by 28
# features; then Large with an L2 penalty, with dropout, and with both. The tutorial that this
# follows uses the HIGGS data of 2.6 GB; here are made-up data that behave alike
# (`densefit.datasets.higgs` reads the real file, too). Training stops 20 epochs after the best.

# %% [markdown] ja
# # L2 正則化とドロップアウト
#
# 16 ユニット（Tiny）から 512 ユニット 4 層（Large）までのネットワークが、28 個の特徴から
# 信号と背景を見分けます。次に Large に L2 正則化、ドロップアウト、両方を加えます。
# もとの教材は 2.6 GB の HIGGS データを使いますが、ここでは同じ振る舞いをする人工データを使います
# （`densefit.datasets.higgs` は本物のファイルも読めます）。
# 最良のエポックの 20 エポック後に学習を打ち切ります。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.regularization()

# %%
print(result.table(LANG))
sizes = ["Tiny", "Small", "Medium", "Large"]
result.plot(names=sizes, lang=LANG)
plt.show()
result.plot(names=["Tiny", *(name for name in result if name not in sizes)], lang=LANG)
plt.show()

# %% [markdown] en
# Large overfits within a few epochs. With L2 it overfits less; with dropout its validation loss
# stays near its best. The curves show the cross-entropy without the penalty, so that all can be
# compared.

# %% [markdown] ja
# Large は数エポックで過学習します。L2 を加えると弱まり、ドロップアウトを加えると検証データの損失は
# 最良の値の近くに留まります。比べられるように、曲線は正則化項を除いた交差エントロピーです。
