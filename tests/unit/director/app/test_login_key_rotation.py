"""The SSH key of all VMs is rotated: killed anywhere, each VM can be reached, and the same command continues."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director.app.use_cases import login_key_rotation
from director.errors import AgentError
from director.model.agents.agent_address import AgentTarget
from tests.support.deaths import Death, Deaths
from tests.support.memory_logins import MemoryLoginChecks
from tests.support.rotations import RotationLab
from tests.support.simulation import Simulation

_KEY = "/test/ssh_key"
_OLD, _NEW = "ssh-ed25519 made", "ssh-ed25519 made 2"


@pytest.fixture
def lab(tmp_path: Path) -> RotationLab:
    return _made(tmp_path)


def _made(folder: Path) -> RotationLab:
    folder.mkdir(exist_ok=True)
    lab = RotationLab(Simulation(), folder)
    lab.deploy(instances=2)
    return lab


def test_each_vm_accepts_the_new_key_alone(lab: RotationLab) -> None:
    rotated = lab.rotate("ssh_key")
    assert rotated.lines == (
        f"Rotates {_KEY} (ssh), the login of all VMs.",
        f"  {_KEY}: the former value is refused by 3 VMs",
    )
    assert [(row["name"], row["type"], row["version"]) for row in rotated.table.rows] == [(_KEY, "ssh", 2)]
    assert _accepted(lab) == [[_NEW]] * 3
    assert _is_finished(lab)
    environment = lab.session().environment()
    assert (environment.ssh.public_key, environment.ssh_key.name) == (_NEW, _KEY)
    assert lab.deploy(instances=2).report is None, "no VM is to be recreated"
    lab.deploy(instances=3)
    again = lab.rotate("ssh_key")
    assert again.table.rows[0]["version"] == 3
    assert [keys for keys in _accepted(lab) if _NEW in keys or len(keys) != 1] == []


def test_killed_anywhere_each_vm_can_be_reached_and_the_same_command_continues(tmp_path: Path) -> None:
    for at in _boundaries(tmp_path / "whole"):
        lab = _made(tmp_path / str(at))
        with pytest.raises(Death):
            lab.rotate("ssh_key", deaths=Deaths(at=at))
        _require_reached(lab)
        lab.deploy(instances=3)
        _require_reached(lab)
        lab.rotate("ssh_key")
        _require_reached(lab)
        assert _is_finished(lab), at
        assert all(_OLD not in keys and len(keys) == 1 for keys in _accepted(lab)), at


def test_a_vm_that_does_not_accept_the_new_key_keeps_the_old_one_in_use(lab: RotationLab) -> None:
    lab.simulation.agents.conditions.failing.add(("put_file", "web/1"))
    with pytest.raises(AgentError):
        lab.rotate("ssh_key")
    assert lab.session().environment().ssh_key.name == _KEY
    _require_reached(lab)
    lab.simulation.agents.conditions.failing.clear()
    lab.rotate(expiring_s=1.0)
    assert (_accepted(lab), _is_finished(lab)) == ([[_NEW]] * 3, True), "what was begun belongs to each choice"


def test_a_vm_of_an_interrupted_deploy_gets_the_new_key_too(lab: RotationLab) -> None:
    with pytest.raises(Death):
        lab.deploy(instances=3, deaths=_DeathAfter("cloud: after create_vm"))
    with pytest.raises(AgentError):
        lab.rotate("ssh_key")
    lab.simulation.time.at += 120.0  # it has booted by then
    lab.rotate("ssh_key")
    lab.deploy(instances=3)
    assert _accepted(lab) == [[_NEW]] * 4


def test_an_old_key_that_is_still_accepted_is_an_error_until_it_is_not(lab: RotationLab) -> None:
    lab.also_accepted = (_OLD,)
    with pytest.raises(ExplainedError) as caught:
        lab.rotate("ssh_key")
    assert "old-value-accepted" in str([getattr(each, "code", "") for each in _errors(caught.value)])
    lab.also_accepted = ()
    lab.rotate("ssh_key")
    assert _is_finished(lab)
    assert _accepted(lab) == [[_NEW]] * 3, "it is not rotated again"


def test_all_has_the_key_and_a_deployment_has_not(lab: RotationLab) -> None:
    assert "/test/ssh_key" in [row["name"] for row in lab.rotate(is_all=True).table.rows]
    assert "/test/ssh_key" not in [row["name"] for row in lab.rotate(is_all=True, deployment="app").table.rows]


def _errors(error: ExplainedError) -> list[ExplainedError]:
    return list(getattr(error, "errors", ())) or [error]


def _boundaries(folder: Path) -> Iterator[int]:
    lab, counting = _made(folder), Deaths()
    lab.rotate("ssh_key", deaths=counting)
    yield from range(1, len(counting.passed) + 1)


def _require_reached(lab: RotationLab) -> None:
    session = lab.session()
    environment, checks = session.environment(), session.world.login_checks
    for target in _targets(lab):
        assert checks.is_key_accepted(target), target.name
    assert session.world.vault.get_secret(environment.ssh_key.name)


def _targets(lab: RotationLab) -> Iterator[AgentTarget]:
    session = lab.session()
    environment = session.environment()
    for state in session.world.store.list_deployments(session.settings.environment):
        for record in state.instances:
            if record.vm is not None and (target := environment.target_of(record.vm, record.name)):
                yield target


def _accepted(lab: RotationLab) -> list[list[str]]:
    checks = lab.session().world.login_checks
    assert isinstance(checks, MemoryLoginChecks)
    return [checks.accepted(target) for target in _targets(lab)]


def _is_finished(lab: RotationLab) -> bool:
    return not login_key_rotation.is_begun(lab.session())


class _DeathAfter(Deaths):
    """Dies at the first boundary of that name."""

    def __init__(self, boundary: str) -> None:
        Deaths.__init__(self)
        self._boundary = boundary

    def passing(self, boundary: str) -> None:
        Deaths.passing(self, boundary)
        if boundary == self._boundary:
            raise Death(boundary)
