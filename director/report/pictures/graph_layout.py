"""Where the nodes of a graph stand: in columns from left to right, by Sugiyama's method.

Takes a number of nodes and edges, gives their columns and rows.
"""

from collections.abc import Sequence

import fast_sugiyama

from cpi.contract.value_classes import dataclass

_SPACING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """`column` counts from 0; `row` may be between two whole ones."""

    column: int
    row: float


def lay_out(count: int, edges: Sequence[tuple[int, int]]) -> tuple[Spot, ...]:
    """A spot for each of the nodes; connected ones together, those that nothing connects at the end."""
    spots: dict[int, Spot] = {}
    top = 0.0
    for positions, *_ in fast_sugiyama.from_edges(list(edges), vertex_spacing=_SPACING) if edges else ():
        placed = {int(node): (float(x), float(y)) for node, (x, y) in positions}
        spots |= _component(placed, edges, top=top)
        top = max(spot.row for spot in spots.values()) + 1
    lonely = [node for node in range(count) if node not in spots]
    spots |= {node: Spot(column=0, row=top + at) for at, node in enumerate(lonely)}
    return tuple(spots[node] for node in range(count))


def _component(
    placed: dict[int, tuple[float, float]], edges: Sequence[tuple[int, int]], *, top: float
) -> dict[int, Spot]:
    """The library's layers go downwards or upwards; here what others wait for is at the left."""
    inside = [(first, second) for first, second in edges if first in placed]
    is_downwards = sum(placed[second][1] - placed[first][1] for first, second in inside) >= 0
    layers = sorted({y for _, y in placed.values()}, reverse=not is_downwards)
    column_of = {y: column for column, y in enumerate(layers)}
    left = min(x for x, _ in placed.values())
    return {node: Spot(column=column_of[y], row=top + (x - left) / _SPACING) for node, (x, y) in placed.items()}
