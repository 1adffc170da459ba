"""What of its own instance a Jinja template looks at, by its syntax tree. `reads` imports it when it is needed.

Takes a template, gives fields of BOSH's template spec, or None for all of them. In doubt, all of them.
"""

import jinja2
from jinja2 import nodes

from director.render.templates import syntax_tree

_CHANCE = frozenset({"random", "shuffle"})
_CHANCE_NAMES = frozenset({"lipsum"})
_OWN_NAMES = frozenset({"name", "index"})
_METHODS = frozenset(dir(dict))


def fields_read(source: str, content: bytes) -> frozenset[str] | None:
    """The fields of the spec that the template reads."""
    try:
        tree = syntax_tree(source, content.decode())
    except (UnicodeDecodeError, jinja2.TemplateError, RecursionError):
        return frozenset()  # it fails for each instance alike
    if any(one.name in _CHANCE for one in tree.find_all(nodes.Filter)):
        return None
    named = {one.name for one in tree.find_all(nodes.Name)}
    if named & _CHANCE_NAMES:
        return None
    fields = [
        *(one.attr for one in tree.find_all(nodes.Getattr) if _is_spec(one.node)),
        *(_constant(one.arg) for one in tree.find_all(nodes.Getitem) if _is_spec(one.node)),
    ]
    uses = sum(_is_spec(one) for one in tree.find_all(nodes.Name))
    if uses > len(fields) or None in fields or _METHODS.intersection(fields):
        return None
    return frozenset(field for field in (*fields, *(named & _OWN_NAMES)) if field)


def _is_spec(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "spec"


def _constant(node: nodes.Node) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None
