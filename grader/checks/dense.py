"""Laws of linear maps and their gradients, as identities that need no reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader import tolerances
from grader.checks import laws
from grader.checks.model import Answers, Elsewhere, Law, Problem
from grader.checks.shown import Calls, Lines, Shown
from grader.i18n import text
from grader.strategies import Example
from grader.tolerances import Bound

Arrays = tuple[Any, ...]


def homogeneous(argument: str, outputs: tuple[str, ...], bound: Bound) -> Law:
    """f(2u) = 2 f(u); doubling is exact."""

    def relate(example: Example, got: Arrays, others: Arrays) -> laws.Related:
        near = bound(example.args, laws.precision(example, got))
        return [
            (other, 2.0 * laws.double(own), 4 * b)
            for own, other, b in zip(got, others, near, strict=True)
        ]

    title = text("is linear in {name}", name=argument)
    calls = lambda example: [example.replace(**{argument: 2 * example[argument]})]  # noqa: E731
    written = ({argument: f"2 * {argument}"}, lambda output: f"2 * {output}")
    return laws.equivariant("linear", title, outputs, calls, relate, written)


def additive(argument: str, outputs: tuple[str, ...], bound: Bound) -> Law:
    """f(u + v) - f(v) = f(u) - f(0), with v the samples of u in another order."""

    def calls(example: Example) -> list[tuple[Any, ...]]:
        u = example[argument]
        if u.dtype.kind != "f":  # sums of pixels wrap around
            return []
        v = np.roll(u, 1, axis=0)
        return [example.replace(**{argument: value}) for value in (u + v, v, 0 * u)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        if not answers.extra:
            return None
        together, other, nothing = answers.extra
        precision = laws.precision(example, answers.outputs)
        size = np.abs(laws.double(example[argument]))
        near = bound(example.replace(**{argument: size + np.roll(size, 1, axis=0)}), precision)
        message = text(
            "f(u + v) - f(v) is not f(u) - f(0), where u is your {name} and v the same with its "
            "samples in another order (shown: the left side).",
            name=argument,
        )
        for name, a, b, c, d, room in zip(
            outputs, together, other, answers.outputs, nothing, near, strict=True
        ):
            left, right = laws.double(a) - laws.double(b), laws.double(c) - laws.double(d)
            problem = laws.first_difference(name, left, right, 4 * room, message)
            if problem is not None:
                written = f"{name}.astype(float) - {name}_0"
                return laws.seen(problem, _sums(argument, name), "left", written)
        return None

    return Law("additive", text("is additive in {name}", name=argument), (judge,), calls)


def _sums(argument: str, output: str) -> Lines:
    """The four calls of additivity, and the left side of one output."""
    return lambda calls: [
        f"v = np.roll({argument}, 1, axis=0)",
        calls.line(),
        calls.line("_uv", **{argument: f"{argument} + v"}),
        calls.line("_v", **{argument: "v"}),
        calls.line("_0", **{argument: f"0 * {argument}"}),
        f"left = {output}_uv.astype(float) - {output}_v",
    ]


def adjoint() -> Law:
    """⟨dz, F(u)⟩ = ⟨gradient, u⟩ for the submission's own forward F and directions u.

    F is linear in x, in w and in b, so its directional derivatives are its values: F(u, w, 0) for
    x, F(x, u, 0) for w and F(0, w, u) for b. A forward that is wrong itself says nothing here.
    """

    def directions(example: Example) -> list[tuple[Any, Any, Any]]:
        _, x, w = example.args
        b = w[0]
        return [
            (laws.direction(x), w, 0 * b),
            (x, laws.direction(w), 0 * b),
            (0 * x, w, laws.direction(b)),
        ]

    def calls(example: Example) -> list[Elsewhere]:
        return [Elsewhere("dense_forward", args) for args in directions(example)]

    def judge(example: Example, answers: Answers) -> Problem | None:
        dz = laws.double(example["dz"])
        gradients = zip(("dx", "dw", "db"), answers.outputs, strict=True)
        moved = zip(directions(example), answers.extra, strict=True)
        precision = laws.precision(example, (*answers.outputs, *answers.extra))
        bounds = tolerances.dense_backward(example.args, precision)
        for place, ((name, gradient), (args, forward)) in enumerate(
            zip(gradients, moved, strict=True)
        ):
            (near,) = tolerances.dense_forward(args, precision)
            if not _is_forward(args, forward, near):
                return None
            u = laws.double(args[place])
            left, right = (dz * forward).sum(), (laws.double(gradient) * u).sum()
            room = (np.abs(dz) * near).sum() + (bounds[place] * np.abs(u)).sum()
            if not abs(left - right) <= 2 * room:
                return Problem(
                    text(
                        "{name} is not the gradient of your own dense_forward: along one direction "
                        "the sum of dz * z changes by {left:.6g}, and {name} says {right:.6g}.",
                        name=name,
                        left=float(left),
                        right=float(right),
                    ),
                    shown=_along(place, 2 * float(room)),
                )
        return None

    title = text("is the gradient of your own dense_forward")
    return Law("adjoint", title, (judge,), calls)


def _along(place: int, room: float) -> Shown:
    """The forward's change along a direction of one argument, and what its gradient says."""
    name = ("x", "w", "b")[place]
    like = ("x", "w", "w[0]")[place]
    args = (("u", "w", "0 * w[0]"), ("x", "u", "0 * w[0]"), ("0 * x", "w", "u"))[place]

    def lines(calls: Calls) -> list[str]:
        return [
            calls.line(),
            f"u = np.cos(1.0 + np.arange({like}.size)).reshape({like}.shape).astype({like}.dtype)",
            f"z = dense_forward({', '.join(args)})",
            f"left = (dz.astype(float) * z).sum()  # what dense_forward does along u in {name}",
            f"right = (d{name}.astype(float) * u).sum()  # what d{name} says",
            f"assert abs(left - right) <= {room!r}, (left, right)",
        ]

    return Shown(lines)


def _is_forward(args: tuple[Any, Any, Any], got: Any, near: Any) -> bool:
    x, w, b = map(laws.double, args)
    wanted = x @ w + b
    shaped = isinstance(got, np.ndarray) and got.shape == wanted.shape and got.dtype.kind == "f"
    return shaped and bool((np.abs(laws.double(got) - wanted) <= near).all())
