"""A plan's graph: a node for each subject, an edge for each wait."""

from director.model.ids import ActionId
from director.model.tasks.action_progress import ActionProgress, ProgressState
from director.report.pictures import plan_graph
from tests.unit.director.report.pictures.plans import action, done, plan

_STOP_START = plan(
    action("web/0", name="stop-web"), action("db/0", "stop-web"), action("web/0", "db/0", name="start-web")
)


def test_actions_of_one_subject_are_one_node_with_the_kinds_of_both() -> None:
    graph = plan_graph.graph_of(_STOP_START, {})
    assert [(node.subject, node.words, node.total) for node in graph.nodes] == [
        ("web/0", "stop, start", 2),
        ("db/0", "start", 1),
    ]
    assert (graph.edges, graph.waits_for(1)) == (((0, 1), (1, 0)), (0,))


def test_a_node_whose_first_action_is_done_still_waits() -> None:
    node = plan_graph.graph_of(_STOP_START, {ActionId("stop-web"): done(1.0, 2.0)}).nodes[0]
    assert (node.state, node.done, node.since, node.until) == (ProgressState.WAITING, 1, 1.0, None)


def test_a_node_with_a_failed_action_has_failed_and_says_why() -> None:
    failed = ActionProgress(state=ProgressState.FAILED, begun_at=1.0, ended_at=3.0, text="no-capacity: none")
    node = plan_graph.graph_of(_STOP_START, {ActionId("stop-web"): failed}).nodes[0]
    assert (node.state, node.last, node.until) == (ProgressState.FAILED, "no-capacity: none", 3.0)


def test_subjects_of_a_kind_share_a_node_only_in_a_large_plan() -> None:
    small = plan(*(action(f"web/{at}") for at in range(plan_graph.MOST_SUBJECTS)))
    large = plan(*(action(f"web/{at}") for at in range(plan_graph.MOST_SUBJECTS)), action("package ruby"))
    assert len(plan_graph.graph_of(small, {}).nodes) == plan_graph.MOST_SUBJECTS
    assert [node.subject for node in plan_graph.graph_of(large, {}).nodes] == ["web (60)", "package ruby"]
