"""Elements of an SVG document; every text is cleaned and escaped.

Takes numbers and texts, gives elements and the document's text.
"""

import re
from xml.etree import ElementTree

from director.report import cleaning

Element = ElementTree.Element
_NO_XML = re.compile("[\ufffe\uffff]")
_LONGEST = 500

STYLE = """
svg { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --quiet: #57606a; --line: #8c959f; --done: #dafbe1;
  --running: #ddf4ff; --failed: #ffebe9; --waiting: #f6f8fa; --done-edge: #1a7f37; --running-edge: #0969da;
  --failed-edge: #cf222e; --waiting-edge: #8c959f; background: var(--paper); font: 13px/1.4 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --paper: #0d1117; --quiet: #9198a1; --line: #6e7681;
  --done: #12301c; --running: #10263f; --failed: #3a1418; --waiting: #161b22; --done-edge: #3fb950;
  --running-edge: #58a6ff; --failed-edge: #ff7b72; --waiting-edge: #6e7681; } }
text { fill: var(--ink); } text.quiet { fill: var(--quiet); font-size: 11px; }
path.edge, line.tick { fill: none; stroke: var(--line); stroke-width: 1; }
g.waiting rect { fill: var(--waiting); stroke: var(--waiting-edge); }
g.running rect { fill: var(--running); stroke: var(--running-edge); stroke-width: 2; }
g.done rect { fill: var(--done); stroke: var(--done-edge); }
g.failed rect { fill: var(--failed); stroke: var(--failed-edge); stroke-width: 2; }
g.critical rect { stroke-width: 3; stroke-dasharray: none; }
"""
"""What a picture that is a file carries with it; the page's own style sheet says the same."""


def document(title: str, about: str, *, width: float, height: float) -> Element:
    """An image with a title and a description, which screen readers read in place of its parts."""
    size = {"width": _number(width), "height": _number(height), "viewBox": f"0 0 {_number(width)} {_number(height)}"}
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": _plain(title), **size})
    _add_text(root, "title", title)
    _add_text(root, "desc", about)
    return root


def styled(root: Element) -> str:
    """The document's text with a style of its own, for a file."""
    style = Element("style")
    style.text = STYLE
    root.insert(2, style)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{plain(root)}\n'


def plain(root: Element) -> str:
    """The document's text without a style."""
    return ElementTree.tostring(root, encoding="unicode")


def group(parent: Element, *, classes: str, title: str) -> Element:
    """A group that shows its title when it is pointed at."""
    made = ElementTree.SubElement(parent, "g", {"class": classes})
    _add_text(made, "title", title)
    return made


def box(parent: Element, *, at: tuple[float, float], size: tuple[float, float], radius: float = 4) -> None:
    """A rectangle."""
    place = {"x": at[0], "y": at[1], "width": size[0], "height": size[1], "rx": radius}
    ElementTree.SubElement(parent, "rect", {name: _number(value) for name, value in place.items()})


def words(parent: Element, text: str, *, at: tuple[float, float], most: int = _LONGEST, classes: str = "") -> None:
    """A line of text; what is longer than `most` characters ends with dots."""
    line = _plain(text)
    place = {"x": _number(at[0]), "y": _number(at[1]), **({"class": classes} if classes else {})}
    made = ElementTree.SubElement(parent, "text", place)
    made.text = line if len(line) <= most else f"{line[: most - 1]}…"


def short_name(subject: str) -> str:
    """A subject as it fits beside others: "variable platform_ca" for "variable /local/platform/platform_ca"."""
    word, _, rest = subject.partition(" ")
    return f"{word} {rest.rpartition('/')[2]}" if rest.startswith("/") else subject


def curve(parent: Element, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """An edge from the right side of one box to the left side of another."""
    (x1, y1), (x2, y2) = begin, end
    bend = max(24.0, abs(x2 - x1) / 2)
    points = (x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2)
    drawn = "M{} {} C{} {} {} {} {} {}".format(*map(_number, points))
    ElementTree.SubElement(parent, "path", {"class": "edge", "d": drawn})


def vertical(parent: Element, *, x: float, top: float, bottom: float) -> None:
    """A line of a scale."""
    place = {"x1": _number(x), "x2": _number(x), "y1": _number(top), "y2": _number(bottom)}
    ElementTree.SubElement(parent, "line", {"class": "tick", **place})


def _add_text(parent: Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = _plain(text)


def _plain(text: str) -> str:
    return _NO_XML.sub("", cleaning.clean_line(text, longest=_LONGEST))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
