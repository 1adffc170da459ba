"""Pictures are well-formed for any subject, and name what their colours mean."""

from xml.etree import ElementTree

import pytest

from director.model.ids import ActionId
from director.report.pictures import graph_svg, plan_graph, timeline_svg, timelines
from tests.unit.director.report.pictures.plans import action, done, plan

_SVG = "{http://www.w3.org/2000/svg}"
_HOSTILE = "<script>alert(1)</script>\x1b[31m\x00\ufffe\ud800 & 'web'"


def _texts(svg: str, tag: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{_SVG}{tag}")]


@pytest.mark.parametrize("subject", ["web/0", _HOSTILE, "", "x" * 5000])
def test_a_graph_is_well_formed_and_holds_no_element_of_its_subjects(subject: str) -> None:
    graph = plan_graph.graph_of(plan(action(subject, name="one"), action("db/0", "one")), {})
    svg = graph_svg.graph_file(graph, title=f"Plan of {subject}")
    assert len(_texts(svg, "rect")) == 2
    assert _texts(svg, "script") == []


def test_a_node_is_marked_by_a_sign_and_titled_with_what_it_waits_for() -> None:
    graph = plan_graph.graph_of(plan(action("db/0"), action("web/0", "db/0")), {ActionId("db/0"): done(1, 2)})
    svg = graph_svg.graph_file(graph, title="Plan")
    assert [text for text in _texts(svg, "text") if text[0] in "✓○"] == ["✓ db/0", "○ web/0"]
    assert _texts(svg, "title")[-1] == "web/0: start (waiting, 0/1); waits for db/0"


def test_a_graph_of_nothing_says_so() -> None:
    assert _texts(graph_svg.graph_file(plan_graph.graph_of(plan(), {}), title="Plan"), "text") == ["Nothing to change."]


def test_a_timeline_has_a_row_for_each_subject_and_names_its_critical_path() -> None:
    actions = plan(action("variable /e/d/ca"), action(_HOSTILE, "variable /e/d/ca", name="x"))
    own = {ActionId("variable /e/d/ca"): done(0, 2), ActionId("x"): done(2, 9)}
    svg = timeline_svg.timeline_file(timelines.timeline_of([(actions, own)]), title="Task 1")
    assert "variable ca" in _texts(svg, "text")
    assert _texts(svg, "desc")[0].startswith("Whole: 9.0 s. Critical path (bold edges): 2 actions, longest <script>")
    assert _texts(svg, "script") == []
