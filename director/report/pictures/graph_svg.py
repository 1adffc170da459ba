"""A plan's graph as a picture: what is done, what runs, and what waits for what.

Takes a PlanGraph, gives SVG.
"""

from collections import Counter
from collections.abc import Sequence

from director.model.tasks.action_progress import ProgressState
from director.report.pictures import graph_layout, svg_elements
from director.report.pictures.graph_layout import Spot
from director.report.pictures.plan_graph import GraphNode, PlanGraph

_BOX = (190.0, 40.0)
_COLUMN = 250.0
_ROW = 54.0
_MARGIN = 16.0
_LETTERS = 25
"""Characters that fit into a box."""

MARKS = {
    ProgressState.WAITING: "○",
    ProgressState.RUNNING: "▶",
    ProgressState.DONE: "✓",
    ProgressState.FAILED: "✗",
}
"""A state has a sign, too: a colour alone is not seen by all."""


def graph_file(graph: PlanGraph, *, title: str) -> str:
    """The picture as a file of its own."""
    return svg_elements.styled(_drawn(graph, title))


def graph_fragment(graph: PlanGraph, *, title: str) -> str:
    """The picture as a part of a page, which has the style."""
    return svg_elements.plain(_drawn(graph, title))


def _drawn(graph: PlanGraph, title: str) -> svg_elements.Element:
    spots = graph_layout.lay_out(len(graph.nodes), graph.edges)
    width = max((spot.column for spot in spots), default=0) * _COLUMN + _BOX[0] + 2 * _MARGIN
    height = max((spot.row for spot in spots), default=0) * _ROW + _BOX[1] + 2 * _MARGIN
    root = svg_elements.document(title, _about(graph), width=width, height=height)
    if not graph.nodes:
        svg_elements.words(root, "Nothing to change.", at=(_MARGIN, _MARGIN + 17))
    for first, second in graph.edges:
        svg_elements.curve(root, _right(spots[first]), _left(spots[second]))
    for place, (node, spot) in enumerate(zip(graph.nodes, spots, strict=True)):
        _draw_node(root, node, spot, waits=_names(graph, graph.waits_for(place)))
    return root


def _draw_node(root: svg_elements.Element, node: GraphNode, spot: Spot, *, waits: str) -> None:
    title = f"{node.subject}: {node.words} ({node.state.value}, {node.done}/{node.total}){waits}"
    drawn = svg_elements.group(root, classes=f"node {node.state.value}", title=title)
    x, y = _corner(spot)
    svg_elements.box(drawn, at=(x, y), size=_BOX)
    svg_elements.words(
        drawn, f"{MARKS[node.state]} {svg_elements.short_name(node.subject)}", at=(x + 8, y + 17), most=_LETTERS
    )
    line = f"{node.done}/{node.total} {node.words}"
    svg_elements.words(drawn, line, at=(x + 8, y + 32), most=_LETTERS + 5, classes="quiet")


def _about(graph: PlanGraph) -> str:
    counts = Counter(node.state for node in graph.nodes)
    states = ", ".join(f"{counts[state]} {state.value}" for state in ProgressState if counts[state])
    return f"{len(graph.nodes)} subjects ({states or 'none'}), {len(graph.edges)} waits."


def _names(graph: PlanGraph, places: Sequence[int]) -> str:
    names = [graph.nodes[place].subject for place in places]
    return f"; waits for {', '.join(names)}" if names else ""


def _corner(spot: Spot) -> tuple[float, float]:
    return _MARGIN + spot.column * _COLUMN, _MARGIN + spot.row * _ROW


def _left(spot: Spot) -> tuple[float, float]:
    x, y = _corner(spot)
    return x, y + _BOX[1] / 2


def _right(spot: Spot) -> tuple[float, float]:
    x, y = _left(spot)
    return x + _BOX[0], y
