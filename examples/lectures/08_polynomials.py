"""Polynomials of degree 1, 3, 5, 10, 20 and 50 on noisy samples of sin(x)."""

# %% [markdown] en
# # Polynomials on sin(x)
#
# Polynomials of growing degree are fitted to 100 noisy samples of sin(x) by least squares: the same
# story as with networks, where it can be seen with the eye.

# %% [markdown] ja
# # sin(x) に多項式を当てはめる
#
# ノイズを加えた sin(x) の標本 100 個に、次数を上げながら最小二乗法で多項式を当てはめます。
# ネットワークと同じことが、目に見える形で起こります。

# %%
import matplotlib.pyplot as plt

from densefit import experiments

LANG = "en"
result = experiments.polynomials()

# %%
print(result.table(LANG))
result.plot(lang=LANG)
plt.show()
result.plot_errors(lang=LANG)
plt.show()

# %% [markdown] en
# Degree 1 is too stiff (underfitting). Degrees 3 to 10 follow the sine. Degree 50 follows the
# noise: its training error is the least of all, and between the samples it runs wild (overfitting).

# %% [markdown] ja
# 1 次は硬すぎます（学習不足）。3 次から 10 次は sin の形に沿います。50 次はノイズに沿ってしまい、
# 訓練データの誤差は最小なのに、標本の間では暴れています（過学習）。
