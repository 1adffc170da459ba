"""A director of BOSH repeats next to nothing: the executable waits for what is "not yet", and for nothing else."""

import json
from collections.abc import Mapping

import pytest

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.faults import InjectedFault, ListedFaults
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import LostReplyError, NoCapacityError, ThrottledError, TransientError
from cpi.contract.values import JsonValue
from cpi.serve import retries, server
from cpi.serve.server import ServedPlugin

NOT_YET = TransientError("not-yet", "Not yet.")


class _Given:
    """A plugin with one cloud."""

    name = "memory"

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(self._cloud)


def _ask(faults: Mapping[int, InjectedFault], method: str, *arguments: JsonValue) -> tuple[JsonValue, list[float]]:
    """The answer's error, and what was slept."""
    slept: list[float] = []
    cloud = MemoryCloud(conditions=Conditions(faults=ListedFaults(by_number=faults)))
    service = ServedPlugin(plugin="memory", find=lambda _: _Given(cloud), sleep=slept.append)
    request = {"method": method, "arguments": list(arguments), "context": {}, "api_version": 2}
    return json.loads(server.answer(service, json.dumps(request).encode()))["error"], slept


def test_a_call_that_is_not_yet_possible_is_made_again_until_it_is() -> None:
    assert _ask(
        {1: InjectedFault.TRANSIENT, 2: InjectedFault.TRANSIENT, 3: InjectedFault.TRANSIENT}, "delete_vm", "v"
    ) == (None, [0.5, 1, 2])


def test_what_never_becomes_possible_is_told_in_the_end_and_may_be_asked_again() -> None:
    error, slept = _ask(dict.fromkeys(range(1, 100), InjectedFault.TRANSIENT), "delete_vm", "v")
    assert isinstance(error, dict)
    assert error["ok_to_retry"] is True
    assert retries.PATIENCE_S - 10 < sum(slept) <= retries.PATIENCE_S


@pytest.mark.parametrize("fault", [InjectedFault.DENIED, InjectedFault.LOST_BEFORE, InjectedFault.NO_CAPACITY])
def test_nothing_else_is_waited_for(fault: InjectedFault) -> None:
    error, slept = _ask({1: fault}, "delete_vm", "v")
    assert (error is not None, slept) == (True, [])


def test_a_cloud_that_asks_for_a_pause_gets_it() -> None:
    slept: list[float] = []
    answers = iter([ThrottledError("slow", "Slower.", after_s=7.0), NOT_YET, None])

    def call() -> str:
        if error := next(answers):
            raise error
        return "done"

    assert (retries.wait_while_safe(call, slept.append), slept) == ("done", [7.0, 1.0])


@pytest.mark.parametrize("error", [LostReplyError("lost", "Lost."), NoCapacityError("full", "Full.")])
def test_the_error_that_ends_it_is_the_calls_own(error: Exception) -> None:
    answers = iter([NOT_YET, error])

    def call() -> None:
        raise next(answers)

    with pytest.raises(type(error)) as raised:
        retries.wait_while_safe(call, lambda _: None)
    assert raised.value is error
