"""An SSH key that the vault has lost is restored from its copy in the home, if it is the key that the VMs know."""

import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import SshAccess
from director.app.landing import login_key
from director.app.sessions.session import Session
from director.edge.secrets.vault_dir import VaultDir
from director.errors import StateError
from director.model.environments.desired import VariableSpec
from director.model.ids import DeploymentName
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.watchers import ListWatcher

KEY, OTHER = "/test/ssh", "/test/other"


@pytest.fixture(name="session")
def begun(tmp_path: Path) -> Session:
    """An environment that was begun; its key and another one are in the vault."""
    simulation = Simulation()
    vault = VaultDir(tmp_path / "vault", tmp_path / "vault.key")
    for name in (KEY, OTHER):
        vault.make_secret(VariableSpec(name=name, type="ssh"))
    session = session_of(simulation, tmp_path, world=replace(simulation.process(), vault=vault))
    ssh = SshAccess(user="root", public_key=_halves(session, KEY)["public_key"].strip())
    with session.world.store.hold_lease(simulation.environment.name, DeploymentName(""), caller=calling("up")) as lease:
        session.world.store.save_environment(lease, replace(simulation.environment, ssh=ssh))
    return session


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_lost_key_is_restored_from_its_copy_and_told_once(session: Session, tmp_path: Path, mode: int) -> None:
    before = session.world.vault.get_secret(KEY)
    _copy(session, KEY)
    Path(session.path("ssh_key")).chmod(mode)
    session.world.vault.forget_secrets(KEY)
    login_key.require_login_key(session)
    login_key.require_login_key(session)
    assert session.world.vault.get_secret(KEY) == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "vault").glob("*.json")} == {0o600}
    watcher = session.world.watcher
    assert isinstance(watcher, ListWatcher)
    reported = [event for event in watcher.events if event.kind == "ssh-key-restored"]
    assert [event.subject for event in reported] == [KEY]


@pytest.mark.parametrize("copy", ["none", "other", "garbage"])
def test_without_the_key_that_the_vms_know_nothing_is_stored(session: Session, copy: str) -> None:
    if copy == "other":
        _copy(session, OTHER)
    if copy == "garbage":
        session.files.write_private(session.path("ssh_key"), "no key")
    session.world.vault.forget_secrets(KEY)
    with pytest.raises(StateError) as raised:
        login_key.require_login_key(session)
    assert raised.value.code == "ssh-key-lost"
    assert session.path("ssh_key") in raised.value.why
    assert session.world.vault.list_secrets("/") == (OTHER,)


def _copy(session: Session, name: str) -> None:
    session.files.write_private(session.path("ssh_key"), _halves(session, name)["private_key"])


def _halves(session: Session, name: str) -> Mapping[str, str]:
    value = session.world.vault.get_secret(name)
    assert isinstance(value, dict)
    return {half: str(text) for half, text in value.items()}
