"""The critical path goes back from the last end along what each action was waiting for."""

from director.model.ids import ActionId
from director.model.tasks.action_progress import ProgressState
from director.model.tasks.entries import Begun, Entry, Failed, Failure
from director.report.pictures import timelines
from tests.unit.director.report.pictures.plans import action, done, plan


def _critical(*entries: tuple[str, float, float], gate: str | None = None) -> list[str]:
    actions = plan(action("a", gate=gate), action("b", gate=gate), action("c", "a"))
    own = {ActionId(name): done(begun, ended) for name, begun, ended in entries}
    return [bar.subject for bar in timelines.timeline_of([(actions, own)]).critical]


def test_the_critical_path_is_the_chain_that_ended_last() -> None:
    assert _critical(("a", 10, 12), ("b", 10, 13), ("c", 12, 20)) == ["a", "c"]


def test_an_action_outside_the_chain_is_critical_if_it_ends_last() -> None:
    assert _critical(("a", 10, 12), ("b", 10, 30), ("c", 12, 20)) == ["b"]


def test_a_gate_that_was_full_is_part_of_the_path() -> None:
    assert _critical(("a", 10, 12), ("b", 12, 18), gate="update") == ["a", "b"]
    assert _critical(("a", 10, 12), ("b", 12, 18)) == ["b"]


def test_time_counts_from_the_first_begin_over_all_runs() -> None:
    first = plan(action("a")), {ActionId("a"): done(100, 104)}
    second = plan(action("b")), {ActionId("b"): done(110, 111)}
    line = timelines.timeline_of([first, second])
    assert ([(bar.subject, bar.begin_s, bar.end_s) for bar in line.bars], line.total_s) == (
        [("a", 0, 4), ("b", 10, 11)],
        11,
    )


def test_a_repeated_call_began_when_its_first_one_did() -> None:
    failure = Failure(code="no-capacity", what="none")
    entries: list[Entry] = [
        Begun(action=ActionId("a"), at=1.0),
        Begun(action=ActionId("a"), at=5.0, attempt=2),
        Failed(action=ActionId("a"), at=6.0, failure=failure),
    ]
    own = timelines.progresses_of(entries)[ActionId("a")]
    assert (own.state, own.begun_at, own.ended_at, own.text) == (ProgressState.FAILED, 1.0, 6.0, "none")
