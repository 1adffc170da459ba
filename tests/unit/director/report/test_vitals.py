"""The load of VMs and processes as text."""

import pytest

from director.model.agents.agent_state import Process, Vitals
from director.report import vitals


def test_a_vms_load_is_told_in_bosh_words() -> None:
    measured = Vitals(
        load=(0.1, 0.2, 0.3),
        cpu_percent={"user": 3.0, "sys": 1.5, "wait": 0.0},
        memory_percent=41.2,
        swap_percent=0.0,
        disk_percent={"system": 12.0, "persistent": 3.1},
        uptime_s=90061,
    )
    assert vitals.of_vm(measured) == {
        "uptime": "1d 1h",
        "load": "0.1 0.2 0.3",
        "cpu": "user 3.0%, sys 1.5%, wait 0.0%",
        "memory": "41.2%",
        "swap": "0.0%",
        "disk": "system 12.0%, persistent 3.1%",
    }


def test_what_was_not_measured_is_left_empty() -> None:
    assert set(vitals.of_vm(Vitals()).values()) == {""}
    assert set(vitals.of_vm(Vitals())) == set(vitals.COLUMNS)


def test_a_process_tells_how_long_it_runs_and_what_it_uses() -> None:
    process = Process(name="web", state="running", uptime_s=75.9, mem_kib=20481, cpu_percent=1.5)
    assert vitals.of_process(process) == {"uptime": "1m 15s", "cpu": "1.5%", "memory": "20 MiB"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (59, "59s"), (60, "1m 0s"), (3599, "59m 59s"), (3600, "1h 0m"), (86399, "23h 59m"), (86400, "1d 0h")],
)
def test_an_uptime_has_its_two_largest_units(seconds: int, words: str) -> None:
    assert vitals.of_vm(Vitals(uptime_s=seconds))["uptime"] == words
