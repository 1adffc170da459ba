"""What others wait for stands left of them; nothing stands where something else does."""

import pytest

from director.report.pictures import graph_layout

_CHAIN_AND_LONELY = [(0, 1), (1, 2), (3, 2)]


def test_whoever_waits_stands_right_of_what_it_waits_for() -> None:
    spots = graph_layout.lay_out(6, _CHAIN_AND_LONELY)
    assert all(spots[first].column < spots[second].column for first, second in _CHAIN_AND_LONELY)


@pytest.mark.parametrize("edges", [[], _CHAIN_AND_LONELY, [(0, 1), (1, 0)], [(0, 1), (2, 3), (4, 5)]], ids=str)
def test_no_two_nodes_stand_on_one_spot(edges: list[tuple[int, int]]) -> None:
    spots = graph_layout.lay_out(6, edges)
    pairs = [(one, other) for at, one in enumerate(spots) for other in spots[at + 1 :]]
    assert all(one.column != other.column or abs(one.row - other.row) >= 1 for one, other in pairs)
