"""20 against 50 epochs, and 64 against 1,000 units."""

# %% [markdown] en
# # Longer training, more units
#
# 64 units for 20 epochs; then 50 epochs instead of 20; then 1,000 units instead of 64.

# %% [markdown] ja
# # 学習を長くする、ユニットを増やす
#
# 64 ユニットを 20 エポック学習させ、次に 20 ではなく 50 エポック、次に 64 ではなく 1,000 ユニットに
# します。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.epochs_and_units()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()

# %% [markdown] en
# Either way the training loss goes on falling, and the validation loss rises from its least value.
# Once a network overfits, neither more repetitions nor more units help.

# %% [markdown] ja
# どちらの場合も訓練データの損失は下がり続けますが、検証データの損失は最小値から上がっていきます。
# 過学習が始まったら、繰り返しを増やしてもユニットを増やしても良くなりません。
