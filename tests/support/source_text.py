"""The text that an expression of the sources makes, with {names} for what is filled in when it runs.

Takes an AST node, gives text.
"""

import ast
import re

_GAP = "{…}"


def describe(node: ast.expr) -> str:
    """Text of literals as it is; names for the rest, `{…}` for what has none."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(describe(value) for value in node.values)
        case ast.FormattedValue():
            return _named(node.value)
        case ast.BinOp(op=ast.Add()):
            return describe(node.left) + describe(node.right)
        case ast.BinOp(op=ast.Mod()):
            return _filled(describe(node.left), node.right)
    return _named(node)


def _named(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return "{" + node.id.strip("_").replace("_", " ") + "}"
        case ast.Attribute():
            return "{" + node.attr.strip("_").replace("_", " ") + "}"
        case ast.Constant():
            return str(node.value)
    return _GAP


def _filled(text: str, right: ast.expr) -> str:
    """`%` formatting, as the guest does it."""
    values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
    names = iter(_named(value) for value in values)
    return re.sub(r"%[sdr]", lambda _: next(names, _GAP), text)
