"""Logs of several instances followed at once: each line with its instance, and one that is lost stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import pytest

from cpi.contract.errors import Retry
from director.app.sessions.session import Session
from director.app.use_cases import instance_access, instance_logs
from director.app.use_cases.instance_access import Chosen
from director.app.use_cases.instance_logs import Following
from director.errors import AgentError, InputError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.log_selection import LogSelection
from director.ports.agent import Watch
from tests.support.memory_agents import MemoryAgents
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

BROKEN = "The connection to web/1 broke during 'tail_logs'."


class Breaking(MemoryAgents):
    """The connection to one of them breaks after its first line, and then comes as often as there are `lasting`."""

    lasting: ClassVar[list[bool]] = []

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        is_back = target.name != "web/1" or lines or (self.lasting and self.lasting.pop())
        if is_back:
            watch(f"{logs.kind} {lines}")
        if target.name == "web/1" and not (is_back and not lines):
            error = AgentError("agent-lost", "The connection to web/1 broke during 'tail_logs'.")
            error.retry = Retry.UNKNOWN
            raise error


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """`app` with three instances of web."""
    lab = Lab(Simulation(), tmp_path)
    lab.deploy(instances=3)
    lab.simulation.agents.__class__ = Breaking
    return lab.session()


def test_each_line_has_its_instance_and_who_is_lost_is_named(session: Session) -> None:
    heard = _follow(session, instance_access.find_chosen(session, "app", None))
    assert sorted(heard.seen) == [("web/0", "job 5"), ("web/1", "job 5"), ("web/2", "job 5")]
    assert sorted(heard.lost) == [
        ("web/0", "Its agent ended the log."),
        ("web/1", BROKEN),
        ("web/1", f"{BROKEN} Connecting again."),
        ("web/2", "Its agent ended the log."),
    ]
    assert heard.regained == []


def test_one_that_comes_back_is_followed_from_its_next_line_on(session: Session) -> None:
    Breaking.lasting[:] = [True, False, False]
    heard = _follow(session, instance_access.find_chosen(session, "app", "web"))
    assert [line for name, line in heard.seen if name == "web/1"] == ["job 5", "job 0"]
    assert [why for name, why in heard.lost if name == "web/1"] == [
        f"{BROKEN} Connecting again.",
        "Its agent ended the log.",
    ]
    assert heard.regained == [("web/1", "Connected again; lines from in between may be missing.")]


def test_an_instance_without_a_vm_is_named_and_the_others_are_followed(session: Session) -> None:
    first, *others = instance_access.find_chosen(session, "app", "web")
    heard = _follow(session, [replace(first, target=None), *others])
    assert sorted(name for name, _ in heard.seen) == ["web/1", "web/2"]
    assert dict(heard.lost)["web/0"] == "Instance 'web/0' has no VM with an address."


def test_of_one_instance_the_error_of_the_first_connection_is_raised(session: Session) -> None:
    (only,) = instance_access.find_chosen(session, "app", "web/1")
    assert _follow(session, [only]).lost == [("web/1", f"{BROKEN} Connecting again."), ("web/1", BROKEN)]
    with pytest.raises(StateError):
        _follow(session, [replace(only, target=None)])


def test_more_than_a_session_can_wait_for_are_refused_before_any_is_followed(session: Session) -> None:
    (only, *_) = instance_access.find_chosen(session, "app", "web")
    with pytest.raises(InputError) as refused:
        _follow(session, [replace(only, name=f"web/{number}") for number in range(61)])
    assert (refused.value.code, refused.value.what) == (
        "too-many-instances",
        "61 instances cannot be followed at once.",
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """What was reported, by the instances' names."""

    seen: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    regained: list[tuple[str, str]] = field(default_factory=list)


def _follow(session: Session, chosen: Sequence[Chosen]) -> Heard:
    heard = Heard()
    following = Following(
        logs=LogSelection(),
        lines=5,
        watch=lambda name, line: heard.seen.append((name, line)),
        lose=lambda name, why: heard.lost.append((name, why)),
        regain=lambda name, how: heard.regained.append((name, how)),
    )
    instance_logs.follow_logs(session, chosen, following)
    return heard
