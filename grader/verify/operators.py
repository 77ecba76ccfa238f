"""Mutation operators: small mistakes that can be made at one place of a syntax tree.

An operator takes a node and yields what may stand in its place. Two tables hold them, one for
expressions and one for statements, by the name that a report shows. The mistakes are those of
numerical Python: besides arithmetic and comparisons, axes and ``keepdims``, transposes, slices,
NumPy functions of the same shape, operands left out, arguments and results in another order.

Left out on purpose is what the contract allows or what Python refuses: computing in float32, and
names that do not exist.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial

ExpressionOperator = Callable[[ast.expr], Iterator[ast.expr]]
StatementOperator = Callable[[ast.stmt], Iterator[list[ast.stmt]]]

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt, ast.NotEq),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt, ast.NotEq),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq, ast.LtE),
    ast.NotEq: (ast.Eq,),
}
# Functions and methods that take the same arguments and give something of the same shape.
RELATIVES = {
    "abs": ("sign",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "cumsum": ("cumprod",),
    "exp": ("exp2", "expm1"),
    "log": ("log2", "log1p"),
    "max": ("min", "mean"),
    "maximum": ("minimum", "add"),
    "mean": ("sum", "max"),
    "min": ("max",),
    "minimum": ("maximum",),
    "normal": ("uniform",),
    "ones": ("zeros",),
    "prod": ("sum",),
    "sqrt": ("square", "cbrt"),
    "std": ("var",),
    "sum": ("mean", "max"),
    "tanh": ("sin",),
    "var": ("std",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
}


def arithmetic(node: ast.expr) -> Iterator[ast.expr]:
    """``a + b`` → ``a - b``."""
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)


def operand_left_out(node: ast.expr) -> Iterator[ast.expr]:
    """``a + b`` → ``a`` or ``b``."""
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right


def operands_swapped(node: ast.expr) -> Iterator[ast.expr]:
    """``a - b`` → ``b - a``, where the order matters."""
    if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mult)):
        yield ast.BinOp(node.right, node.op, node.left)


def sign(node: ast.expr) -> Iterator[ast.expr]:
    """``-a`` → ``a``, and ``not a`` → ``a``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand


def comparison(node: ast.expr) -> Iterator[ast.expr]:
    """``a > b`` → ``a >= b``."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other()], node.comparators)


def logic(node: ast.expr) -> Iterator[ast.expr]:
    """``a and b`` → ``a or b``; ``a if c else b`` → ``a`` or ``b``."""
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def constant(node: ast.expr) -> Iterator[ast.expr]:
    """``1`` → ``2`` or ``0``; a float doubled and halved; another word; ``True`` → ``False``."""
    if not isinstance(node, ast.Constant):
        return
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int():
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case float():
            yield ast.Constant(2 * node.value if node.value else 1.0)
            yield ast.Constant(node.value / 2 if node.value else -1.0)
        case str():
            yield ast.Constant(node.value + "_")


def keyword_left_out(node: ast.expr) -> Iterator[ast.expr]:
    """``z.max(axis=1, keepdims=True)`` → ``z.max(axis=1)``."""
    if isinstance(node, ast.Call):
        for i in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])


def arguments_swapped(node: ast.expr) -> Iterator[ast.expr]:
    """``np.where(c, a, b)`` → ``np.where(c, b, a)``."""
    if isinstance(node, ast.Call):
        for args in _neighbours_swapped(node.args):
            yield ast.Call(node.func, args, node.keywords)


def function_replaced(node: ast.expr) -> Iterator[ast.expr]:
    """``np.exp(z)`` → ``np.exp2(z)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for other in RELATIVES.get(node.func.attr, ()):
            function = ast.Attribute(node.func.value, other, ast.Load())
            yield ast.Call(function, node.args, node.keywords)


def call_left_out(node: ast.expr) -> Iterator[ast.expr]:
    """``np.exp(z)`` → ``z``, ``z.mean()`` → ``z``."""
    if not isinstance(node, ast.Call):
        return
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if isinstance(node.func, ast.Attribute) and not _is_numpy(node.func.value):
        yield node.func.value


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def order_not_drawn(node: ast.expr) -> Iterator[ast.expr]:
    """``rng.permutation(n)`` → ``range(n)`` as an array, and drawn with replacement."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "permutation" and len(node.args) == 1:
        (n,) = node.args
        yield _called(ast.Name("np", ast.Load()), "arange", [n])
        yield _called(node.func.value, "integers", [ast.Constant(0), n, n])


def transpose_left_out(node: ast.expr) -> Iterator[ast.expr]:
    """``w.T`` → ``w``, or rows read in another order: ``w.reshape(w.shape[::-1])``."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
        turned = ast.parse("w.reshape(w.shape[::-1])", mode="eval").body
        yield _Named({"w": node.value}).visit(turned)


def slice_changed(node: ast.expr) -> Iterator[ast.expr]:
    """``a[i:j]`` → ``a[:j]``, ``a[i:]``, ``a[i:j + 1]``, ``a[i + 1:j]``; ``a[i:j]`` → ``a``."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return
    low, high, step = node.slice.lower, node.slice.upper, node.slice.step
    changed = [ast.Slice(None, high, step), ast.Slice(low, None, step)]
    if high is not None:
        changed.append(ast.Slice(low, _plus_one(high), step))
    changed.append(ast.Slice(_plus_one(low) if low is not None else ast.Constant(1), high, step))
    yield from (ast.Subscript(node.value, each, node.ctx) for each in changed)
    yield node.value


def elements(node: ast.expr) -> Iterator[ast.expr]:
    """``(a, b)`` → ``(b, a)`` or ``(a,)``, for tuples and lists that are read."""
    if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        kind = type(node)
        yield from (kind(each, node.ctx) for each in _neighbours_swapped(node.elts))
        for i in range(len(node.elts)):
            yield kind(node.elts[:i] + node.elts[i + 1 :], node.ctx)


def statement_left_out(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The statement is missing; a loop or condition with everything in it."""
    if not isinstance(node, (ast.Return, ast.FunctionDef, ast.ClassDef, ast.Import, ast.Pass)):
        yield [ast.Pass()]


def update_replaced(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """``a -= b`` → ``a += b`` or ``a = b``."""
    if isinstance(node, ast.AugAssign):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield [ast.AugAssign(node.target, other(), node.value)]
        yield [ast.Assign([node.target], node.value)]


def condition_fixed(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """``if c: a`` → ``a``, or what else there is."""
    if isinstance(node, ast.If):
        yield node.body
        if node.orelse:
            yield node.orelse


def loop_cut_short(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The loop ends after its first round."""
    if isinstance(node, ast.For):
        body = [*node.body, ast.Break()]
        yield [ast.For(node.target, node.iter, body, node.orelse)]


def result_negated(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """``return a, b`` → ``return -a, b``."""
    yield from _each_result(node, lambda value: ast.UnaryOp(ast.USub(), value))


def result_coarse(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """``return a`` → ``return a.astype("float16")``, and to whole numbers."""
    for dtype in ("float16", "int64"):
        yield from _each_result(node, partial(_cast, dtype))


def _cast(dtype: str, value: ast.expr) -> ast.expr:
    return _called(value, "astype", [ast.Constant(dtype)])


EXPRESSIONS: dict[str, ExpressionOperator] = {
    "arithmetic": arithmetic,
    "operand left out": operand_left_out,
    "operands swapped": operands_swapped,
    "sign": sign,
    "comparison": comparison,
    "logic": logic,
    "constant": constant,
    "keyword left out": keyword_left_out,
    "arguments swapped": arguments_swapped,
    "function replaced": function_replaced,
    "call left out": call_left_out,
    "order not drawn": order_not_drawn,
    "transpose": transpose_left_out,
    "slice": slice_changed,
    "elements": elements,
}
STATEMENTS: dict[str, StatementOperator] = {
    "statement left out": statement_left_out,
    "update replaced": update_replaced,
    "condition fixed": condition_fixed,
    "loop cut short": loop_cut_short,
    "result negated": result_negated,
    "result coarse": result_coarse,
}


class _Named(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The expression of this name."""
        return deepcopy(self.values.get(node.id, node))


def _each_result(
    node: ast.stmt, change: Callable[[ast.expr], ast.expr]
) -> Iterator[list[ast.stmt]]:
    if not isinstance(node, ast.Return) or node.value is None:
        return
    if not isinstance(node.value, ast.Tuple):
        yield [ast.Return(change(node.value))]
        return
    values = node.value.elts
    for i, value in enumerate(values):
        yield [ast.Return(ast.Tuple([*values[:i], change(value), *values[i + 1 :]], ast.Load()))]


def _neighbours_swapped(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for i in range(len(nodes) - 1):
        yield [*nodes[:i], nodes[i + 1], nodes[i], *nodes[i + 2 :]]


def _plus_one(node: ast.expr) -> ast.expr:
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def _called(owner: ast.expr, function: str, args: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Attribute(owner, function, ast.Load()), args, [])
