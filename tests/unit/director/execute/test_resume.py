"""Which calls are in doubt after a crash."""

from director.actions.start import Start
from director.execute import resume
from director.model.ids import ActionId
from director.model.tasks.entries import Begun, Done, Entry, Failed, Failure
from director.model.tasks.work import Doubt, Result
from tests.unit.director.execute.plans import WEB, act, plan_of

ACTIONS = tuple(act(Start(instance=WEB), name) for name in ("never", "open", "done", "failed", "lost", "uncertain"))


def failed(name: str, failure: Failure) -> Failed:
    return Failed(action=ActionId(name), at=1.0, failure=failure)


def test_only_calls_that_may_have_happened_unknown_to_us_are_in_doubt() -> None:
    begun: list[Entry] = [Begun(action=action.id, at=0.0) for action in ACTIONS[1:]]
    ended: list[Entry] = [
        Done(action=ActionId("done"), at=1.0, kind="start", result=Result()),
        failed("failed", Failure(code="denied", what="No.")),
        failed("lost", Failure(code="reply-lost", what="?", retry="unknown")),
        failed("uncertain", Failure(code=resume.UNCERTAIN, what="?")),
    ]
    doubtful = resume.open_actions(plan_of(*ACTIONS), [*begun, *ended])
    assert [action.id for action in doubtful] == ["open", "lost", "uncertain"]


def test_only_what_was_looked_for_is_said_to_have_had_no_effect() -> None:
    said = {(doubt, "no effect" in resume.words_of_doubt(doubt)) for doubt in Doubt}
    assert said == {(Doubt.LOOK, True), (Doubt.REDO, False), (Doubt.REPORT, False)}
