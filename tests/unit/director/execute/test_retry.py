"""What is done about a failed call."""

import pytest

from director.execute.retry import MOST_HICCUPS, MOST_THROTTLES, Again, GiveUp, Tries, decide_retry
from director.model.ids import ActionId
from director.model.tasks.entries import Failure
from director.model.tasks.work import Doubt

ONE = Tries(action=ActionId("a"), hiccups=1)


def failure(retry: str, after_s: float = 0.0) -> Failure:
    return Failure(code="x", what="x", retry=retry, after_s=after_s)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_what_never_helps_is_not_tried_again(doubt: Doubt) -> None:
    assert decide_retry(failure("never"), ONE, doubt) == GiveUp()


def test_a_throttled_call_waits_at_least_as_long_as_the_cloud_asked() -> None:
    verdict = decide_retry(failure("safe", 7.0), Tries(action=ActionId("a"), throttles=1), Doubt.LOOK)
    assert isinstance(verdict, Again)
    assert 7.0 <= verdict.after_s <= 14.0
    assert not verdict.is_looking


def test_pauses_grow_and_repeat_themselves_for_the_same_action() -> None:
    def pauses() -> list[float]:
        verdicts = [
            decide_retry(failure("safe"), Tries(action=ActionId("a"), hiccups=count), Doubt.REDO)
            for count in range(1, 9)
        ]
        return [verdict.after_s for verdict in verdicts if isinstance(verdict, Again)]

    assert pauses() == pauses()
    assert len(pauses()) == MOST_HICCUPS
    assert pauses()[0] < 2.0 < pauses()[-1] <= 30.0


@pytest.mark.parametrize(
    ("doubt", "expected"), [(Doubt.LOOK, True), (Doubt.REDO, False), (Doubt.REPORT, None)], ids=lambda it: str(it)
)
def test_a_call_that_may_have_happened_is_looked_for_redone_or_told(doubt: Doubt, expected: bool | None) -> None:
    verdict = decide_retry(failure("unknown"), ONE, doubt)
    assert (verdict.is_looking if isinstance(verdict, Again) else None) is expected


def test_a_look_that_fails_is_looked_again() -> None:
    looking = Tries(action=ActionId("a"), hiccups=1, is_looking=True)
    verdict = decide_retry(failure("safe"), looking, Doubt.LOOK)
    assert isinstance(verdict, Again)
    assert verdict.is_looking


def test_patience_ends() -> None:
    for tries in (
        Tries(action=ActionId("a"), hiccups=MOST_HICCUPS + 1),
        Tries(action=ActionId("a"), throttles=MOST_THROTTLES + 1),
    ):
        assert decide_retry(failure("safe", 1.0), tries, Doubt.LOOK) == GiveUp()


def test_another_host_key_is_not_waited_for() -> None:
    changed = Failure(code="vm-host-key-changed", what="x", retry="safe")
    assert decide_retry(changed, ONE, Doubt.REDO) == GiveUp()
