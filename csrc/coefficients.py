"""Derive the polynomial coefficients of math_impl.h; run it to print them.

Each polynomial is the Chebyshev interpolant, on its interval, of a function that the argument
reduction leaves over, computed with 60 digits and rounded to float64 once. Its error is far
below half an ulp of the result, so that what remains is the rounding of the last operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import mpmath as mp

mp.mp.dps = 60


def series_or(function: Callable[[mp.mpf], mp.mpf], limit: mp.mpf) -> Callable[[mp.mpf], mp.mpf]:
    """``function`` with its limit at 0, where the quotient is 0/0."""
    return lambda t: limit if abs(t) < mp.mpf(10) ** -25 else function(t)


# exp(r) = 1 + r + r²·P(r), |r| ≤ ln2/2 (a little more, for the rounding of the reduction)
exp_rest = series_or(lambda r: (mp.exp(r) - 1 - r) / r**2, mp.mpf(1) / 2)
# log((1+s)/(1-s)) = 2s + s·z·P(z), z = s², m in [√½, √2), so s² ≤ (√2-1)²/(√2+1)² = 0.0294…
log_rest = series_or(
    lambda z: (mp.log((1 + mp.sqrt(z)) / (1 - mp.sqrt(z))) / mp.sqrt(z) - 2) / z, mp.mpf(2) / 3
)
# tanh(x) = x + x·t·P(t), t = x², |x| ≤ 5/8
tanh_rest = series_or(lambda t: (mp.tanh(mp.sqrt(t)) / mp.sqrt(t) - 1) / t, -mp.mpf(1) / 3)


# (a + 4)·Φ(-a)·exp(a²/2) = P(t), t = (a - 4)/(a + 4), a from 0 to where exp(-a²/2) is 0
def normal_tail(t: mp.mpf) -> mp.mpf:
    """Mills's ratio, made flat by the factor a + 4."""
    a = 4 * (1 + t) / (1 - t)
    return (a + 4) * mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2)


def tail_interval(far: int) -> tuple[mp.mpf, mp.mpf]:
    """Of t for 0 ≤ a ≤ far."""
    return mp.mpf(-1), mp.mpf(far - 4) / (far + 4)


LN2_HALF = mp.log(2) / 2 * (1 + mp.mpf(2) ** -10)
LOG_Z = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * (1 + mp.mpf(2) ** -10)

TABLES = {
    "EXP_F32": (exp_rest, (-LN2_HALF, LN2_HALF), 5),
    "EXP_F64": (exp_rest, (-LN2_HALF, LN2_HALF), 11),
    "LOG_F32": (log_rest, (mp.mpf(0), LOG_Z), 4),
    "LOG_F64": (log_rest, (mp.mpf(0), LOG_Z), 8),
    "TANH_F32": (tanh_rest, (mp.mpf(0), mp.mpf(25) / 64), 6),
    "TANH_F64": (tanh_rest, (mp.mpf(0), mp.mpf(25) / 64), 14),
    "NORMAL_F32": (normal_tail, tail_interval(14), 10),
    "NORMAL_F64": (normal_tail, tail_interval(39), 22),
}


def coefficients(name: str) -> list[float]:
    """Coefficients of the named polynomial, highest power first, rounded to float64."""
    function, interval, terms = TABLES[name]
    return [float(c) for c in mp.chebyfit(function, list(interval), terms)]


def header_lines() -> Iterator[str]:
    """The macros as they stand in math_impl.h."""
    for name in TABLES:
        yield f"#define DENSEFIT_{name}(C) \\"
        values = [f"C({value!r})" for value in coefficients(name)]
        yield "    " + " ".join(values)


if __name__ == "__main__":
    print("\n".join(header_lines()))
