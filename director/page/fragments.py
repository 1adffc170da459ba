"""A TaskView as HTML: the page, and those parts of it that change. Every text is escaped by the template engine.

Takes TaskViews, gives HTML.
"""

import time
from collections.abc import Mapping, Sequence

import jinja2
from markupsafe import Markup

from director.model.report import ReportLine
from director.report.pages.task_view import TaskView
from director.report.pictures import graph_svg

FRAGMENTS = ("head", "announce", "facts", "trouble", "report", "legs", "graph", "cards", "log")
"""The parts that change, by the id of their element; each is a block of page.html."""


def environment() -> jinja2.Environment:
    """Templates of this package; an unknown name in one is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("director.page"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["clock"] = _clock
    made.filters["seconds"] = seconds_words
    return made


class Fragments:
    """Renders views. The graph is laid out again only where what it shows has changed."""

    def __init__(self, templates: jinja2.Environment) -> None:
        self._page = templates.get_template("page.html")
        self._message = templates.get_template("message.html")
        self._drawn: tuple[object, Markup] | None = None

    def page(self, view: TaskView, *, program: str, now: float) -> str:
        """The whole page."""
        return self._page.render(**self._names(view, program=program), now=now, is_reloading=not view.is_over)

    def parts(self, view: TaskView, *, program: str) -> Mapping[str, str]:
        """Each fragment by its id."""
        context = self._page.new_context(self._names(view, program=program))
        return {name: "".join(self._page.blocks[name](context)).strip() for name in FRAGMENTS}

    def message(self, title: str, lines: Sequence[str], *, onward: str = "") -> str:
        """A page of a few words; `onward` is an address that it continues to by itself."""
        return self._message.render(title=title, lines=lines, onward=onward)

    def _names(self, view: TaskView, *, program: str) -> dict[str, object]:
        return {
            "view": view,
            "program": program,
            "graph": self._graph(view),
            "marks": {state.value: mark for state, mark in graph_svg.MARKS.items()},
            "report": [(line, report_name(line)) for line in view.report],
        }

    def _graph(self, view: TaskView) -> Markup:
        shown = tuple((node.subject, node.state, node.done, node.total) for node in view.graph.nodes)
        key = (view.graph_title, shown, view.graph.edges)
        if self._drawn is None or self._drawn[0] != key:
            svg = graph_svg.graph_fragment(view.graph, title=f"What waits for what: {view.graph_title}")
            self._drawn = (key, Markup(svg))  # noqa: S704  the drawing escapes each text
        return self._drawn[1]


def report_name(line: ReportLine) -> str:
    """The name of a report's line as people read it."""
    return line.name.replace("_", " ")


def seconds_words(seconds: float) -> str:
    """ "7 s", "3 min 5 s", "2 h 3 min"."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
