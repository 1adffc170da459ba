"""What of its own instance a template looks at: two instances that agree in it get the same text.

Takes a template, gives fields of BOSH's template spec, or None for all of them. In doubt, all of them.
"""

import re
from collections.abc import Iterator

import jinja2
from jinja2 import nodes

from director.render.templates import Language, syntax_tree

_CHANCE = frozenset({"random", "shuffle"})
_CHANCE_NAMES = frozenset({"lipsum"})
_OWN_NAMES = frozenset({"name", "index"})
_METHODS = frozenset(dir(dict))
_RUBY_END = re.compile(rb"(?<!%)%>")
_RUBY_OWN = re.compile(rb"\b(?:spec|index|name|rand|Random|Time|Date|SecureRandom|send|eval|binding|method|self)\b")
_RUBY_HARMLESS = re.compile(rb"""\.(?:name|index)\b|["'](?:name|index)["']|:(?:name|index)\b|\b(?:name|index):""")


def fields_read(source: str, content: bytes, language: Language) -> frozenset[str] | None:
    """The fields of the spec that the template reads."""
    match language:
        case Language.VERBATIM:
            return frozenset()
        case Language.JINJA:
            return _read_by_jinja(source, content)
        case Language.ERB:
            code = b"\n".join(_ruby_code(content))
            return None if _RUBY_OWN.search(_RUBY_HARMLESS.sub(b"", code)) else frozenset()


def _ruby_code(content: bytes) -> Iterator[bytes]:
    """What stands between ERB's marks, and in doubt more of it: "<%%" is text, and "%%>" ends nothing."""
    for part in content.split(b"<%")[1:]:
        yield _RUBY_END.split(part, maxsplit=1)[0]


def _read_by_jinja(source: str, content: bytes) -> frozenset[str] | None:
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
