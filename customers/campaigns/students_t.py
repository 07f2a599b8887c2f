"""Quantiles of Student's t distribution, for any degrees of freedom from 1, whole or not.

By the regularised incomplete beta function (its continued fraction, evaluated after Lentz) and bisection: right
to about ten digits, far more than a confidence interval shows.
"""

from math import exp, lgamma, log, sqrt
from typing import Final

_TINY: Final = 1e-300
_PRECISE: Final = 1e-15


def t_quantile(share: float, df: float) -> float:
    """Return the value that a ``share`` (0 … 1, both excluded) of the distribution lies below: 0.975, 5 → 2.5706."""
    if not 0 < share < 1 or df < 1:
        raise ValueError(f"No quantile {share} of Student's t with {df} degrees of freedom.")
    if share < 0.5:
        return -t_quantile(1 - share, df)
    low, high = 0.0, 1.0
    while t_share(high, df) < share:
        low, high = high, high * 2
    for _step in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_share(middle, df) < share else (low, middle)
    return (low + high) / 2


def t_share(value: float, df: float) -> float:
    """Return which share of the distribution lies below ``value``."""
    tail = incomplete_beta(df / 2, 0.5, df / (df + value * value)) / 2
    return 1 - tail if value >= 0 else tail


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b) for x from 0 to 1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):  # else the fraction of the other side converges faster
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10 + int(20 * sqrt(max(a, b)))):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISE:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
