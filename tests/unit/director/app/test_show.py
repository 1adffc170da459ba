"""What is shown of a home that lost something."""

import os
from pathlib import Path

import pytest

from cpi.contract.values import SshAccess
from director.app import show
from director.app.past import Past
from director.app.settings import Settings
from director.edge.secrets.vault_dir import VaultDir
from director.errors import InputError
from director.model.cloud_names import ONLY_CLOUD
from director.model.desired import VariableSpec
from director.model.environment import CloudChoice, Environment
from director.model.ids import DeploymentName, EnvironmentName
from director.model.secret_ref import SecretRef
from tests.support.callers import calling
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_store import MemoryStore

HOME = EnvironmentName("home")


@pytest.fixture
def past(tmp_path: Path) -> Past:
    vault = VaultDir(tmp_path / "vault", tmp_path / "vault.key")
    for name in ("/home/web/password", "/home/web/token"):
        vault.make_secret(VariableSpec(name=name, type="password"))
    store = MemoryStore()
    access, key = SshAccess(user="root", public_key="ssh-ed25519 AAAA"), SecretRef(name="/home/ssh_key")
    clouds = (CloudChoice(name=ONLY_CLOUD, plugin="memory", properties={}),)
    with store.hold_lease(HOME, DeploymentName(""), caller=calling("up")) as lease:
        store.save_environment(lease, Environment(name=HOME, clouds=clouds, ssh=access, ssh_key=key))
    settings = Settings(home=str(tmp_path), environment=HOME)
    return Past(settings=settings, store=store, journal=MemoryJournal(store), vault=vault)


def test_a_list_of_secrets_that_lacks_some_is_not_passed_off_as_whole(past: Past, tmp_path: Path) -> None:
    assert (len(show.list_variables(past, "").rows), show.unlisted_secrets(past)) == (2, ())
    for file in (tmp_path / "vault").glob("*.json"):
        os.truncate(file, 30)
    assert show.list_variables(past, "").rows == ()
    (sentence,) = show.unlisted_secrets(past)
    assert sentence.startswith("2 files of the vault cannot be read")
    with pytest.raises(InputError) as raised:
        show.show_secret(past, "", "password")
    assert (raised.value.code, raised.value.why) == ("secret-unknown", f"There are: none. {sentence}")
