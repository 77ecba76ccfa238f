"""Honest rounding stays inside the bounds; mistakes just above rounding do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from densefit import reference
from grader import tolerances
from grader.assignment import find_assignment
from grader.checks.model import FunctionChecks, as_tuple
from grader.tolerances import DOUBLE, SINGLE

CHECKS = {spec.function: spec for spec in find_assignment("assignment4").checks if spec.bound}


def in_float32(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The plain formula, computed in float32 throughout."""
    low = [a.astype(np.float32) if getattr(a, "dtype", None) == np.float64 else a for a in args]
    match function.__name__, low:
        case "dense_forward", (x, w, b):
            return (x @ w + b,)
        case "dense_backward", (dz, x, w):
            return dz @ w.T, x.T @ dz, dz.sum(axis=0)
        case "relu_forward", (z,):
            return (np.maximum(z, 0),)
        case "relu_backward", (da, z):
            return (da * (z > 0),)
        case "softmax", (z,):
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return (e / e.sum(axis=1, keepdims=True),)
        case "softmax_cross_entropy", (z, y):
            z = z - z.max(axis=1, keepdims=True)
            log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
            dz = np.exp(log_p)
            rows = np.arange(len(z))
            dz[rows, y] -= 1
            return -log_p[rows, y].mean(), dz / np.float32(len(z))
        case "sgd_update", (param, grad, rate):
            return (param - np.float32(rate) * grad,)
    raise AssertionError(function)


@pytest.mark.parametrize("name", CHECKS)
def test_single_precision_work_stays_within_the_bound(name: str) -> None:
    spec = CHECKS[name]
    worst = 0.0
    for check in spec.checks:
        for example in check.inputs.bulk(np.random.default_rng(1), 150):
            exact = as_tuple(spec.reference(*example.args))
            rounded = in_float32(spec.reference, example.args)
            bounds = spec.bound(example.args, SINGLE)
            for got, want, near in zip(rounded, exact, bounds, strict=True):
                distance = np.abs(np.asarray(got, np.float64) - want)
                assert (distance <= near).all(), (example.dimensions, distance.max())
                worst = max(worst, float((distance / np.maximum(near, 1e-300)).max()))
    assert worst > 1e-3, "a bound a thousand times too wide lets mistakes through"


@pytest.mark.parametrize("name", CHECKS)
def test_a_relative_error_far_above_rounding_is_outside(name: str) -> None:
    spec: FunctionChecks = CHECKS[name]
    assert spec.reference is not None
    assert spec.bound is not None
    seen = 0
    for example in spec.checks[0].inputs.bulk(np.random.default_rng(2), 40):
        exact = as_tuple(spec.reference(*example.args))
        for want, near in zip(exact, spec.bound(example.args, DOUBLE), strict=True):
            largest = np.unravel_index(np.argmax(np.abs(want)), np.shape(want))
            value = abs(float(np.asarray(want)[largest]))
            if value > 1e-290:
                seen += 1
                assert 1e-8 * value > float(np.asarray(near)[largest])
    assert seen > 20


def test_the_coarsest_precision_counts() -> None:
    assert tolerances.coarsest(np.zeros(1), 2.0, 3) is DOUBLE
    assert tolerances.coarsest(np.zeros(1), np.float32(1)) is SINGLE


def test_gamma_is_the_textbook_one() -> None:
    assert SINGLE.gamma(3) == pytest.approx(3 * 2.0**-24, rel=1e-6)
    assert reference.softmax([[0.0, 0.0]])[0, 0] == 0.5
