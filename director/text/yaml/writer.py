"""A tree to YAML text, byte for byte as `bosh interpolate` prints it.

Takes a tree, gives text that ends with a line break. Secrets by name are printed as ((name)).
Source: go-yaml/yaml v2.4 emitterc.go (block style, indent 2, lists not indented below their key).
"""

from collections.abc import Mapping, Sequence

from director.model.secret_ref import Property, SecretRef, SecretText
from director.text.yaml import key_order, scalar_text
from director.text.yaml.scalar_text import Style

_MAX_KEY_BYTES = 128


def write_yaml(tree: Property) -> str:
    """Print a tree as one YAML document."""
    printer = _Printer()
    match tree:
        case Mapping() if tree:
            printer.map(tree, 0)
        case list() | tuple() if tree:
            printer.list(tree, 0)
        case _:
            printer.leaf(tree, 0, 0)
    return "".join(printer.pieces)


class _Printer:
    """Collects the text. `column` is where the line stands, `indent` that of the containing map or list."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._styles: dict[str, Style] = {}

    def map(self, entries: Mapping[str, Property], indent: int, *, is_inline: bool = False) -> None:
        """Print a map; `is_inline` if its first key continues the current line."""
        margin = " " * indent
        for key in key_order.order_keys(entries):
            self.pieces.append("" if is_inline else margin)
            is_inline = False
            self._entry(key, entries[key], indent)  # type: ignore[index]  # keys may be of any scalar type

    def list(self, items: Sequence[Property], indent: int, *, is_inline: bool = False) -> None:
        """Print a list; `is_inline` if its first item continues the current line."""
        for item in items:
            self.pieces.append("-" if is_inline else " " * indent + "-")
            is_inline = False
            self._nested(item, indent)

    def leaf(self, value: Property, column: int, indent: int) -> None:
        """Print a scalar, or an empty container, to the end of its line."""
        if isinstance(value, (SecretRef, SecretText)):
            value = str(value)
        if isinstance(value, str):
            style = self._style(value)
            if style is Style.BLOCK:
                self.pieces.append(scalar_text.block(value, indent + 2))
                return
            text = scalar_text.folded(value, style, column=column, indent=indent + 2)
        elif isinstance(value, Mapping):
            text = "{}"
        elif isinstance(value, (list, tuple)):
            text = "[]"
        else:
            text = scalar_text.describe_other(value)  # type: ignore[arg-type]  # only scalars are left
        self.pieces.append(text + "\n")

    def _entry(self, key: object, value: Property, indent: int) -> None:
        if isinstance(key, str) and (len(key.encode()) > _MAX_KEY_BYTES or "\n" in key):
            self.pieces.append("? ")
            self.leaf(key, indent + 2, indent)
            self.pieces.append(" " * indent + ":")
            self._nested(value, indent)
            return
        text = self._key(key)
        self.pieces.append(text + ":")
        if value and isinstance(value, Mapping):
            self.pieces.append("\n")
            self.map(value, indent + 2)
        elif value and isinstance(value, (list, tuple)):
            self.pieces.append("\n")
            self.list(value, indent)
        else:
            self.pieces.append(" ")
            self.leaf(value, indent + len(text) + 2, indent)

    def _nested(self, value: Property, indent: int) -> None:
        """Print what follows "-" or ":" on the line that is begun."""
        self.pieces.append(" ")
        if value and isinstance(value, Mapping):
            self.map(value, indent + 2, is_inline=True)
        elif value and isinstance(value, (list, tuple)):
            self.list(value, indent + 2, is_inline=True)
        else:
            self.leaf(value, indent + 2, indent)

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return scalar_text.on_line(key, self._style(key))
        return scalar_text.describe_other(key)  # type: ignore[arg-type]  # keys are scalars

    def _style(self, text: str) -> Style:
        style = self._styles.get(text)
        if style is None:
            style = self._styles[text] = scalar_text.choose_style(text)
        return style
