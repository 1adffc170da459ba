"""`compleat init` typed on a terminal for Azure: login and subscriptions of the Azure CLI, locations of the account."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.azure import login as logins
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION
from tests.support.command import ROOT, Compleat
from tests.support.typed_terminal import patient_template, typed_terminal

pytestmark = pytest.mark.slow


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path / "tls") as stand_in:
        yield stand_in


def test_a_person_types_the_answers_at_a_subscription(azure: StandIn, tmp_path: Path) -> None:
    compleat = Compleat(home=tmp_path / "home", environment="azure")
    words = ("init", "--template", patient_template("azure", tmp_path), *_reaching(azure, tmp_path))
    with typed_terminal(compleat.argv(*words), _signed_in(compleat), cwd=ROOT) as terminal:
        for prompt, typed in (
            ("name [azure]: ", "lab"),
            ("credentials [file]: ", ""),
            (f"subscriptionId [{SUBSCRIPTION}]: ", "mine"),
            (f"subscriptionId [{SUBSCRIPTION}]: ", "1"),
            (f"tenantId [{logins.TENANT}]: ", ""),
            ("location [", LOCATION),
            ("size [small]: ", ""),
            ("allowedSources", "203.0.113.7/32"),
            ("sshPublicKey [none]: ", ""),
            ("domain [none]: ", ""),
        ):
            terminal.answer(prompt, typed)
        code = terminal.end(timeout_s=120)
    shown = terminal.screen.replace(str(tmp_path), "TMP").replace(sys.executable, "PYTHON")
    assert code == 0, shown
    assert f"   1  {SUBSCRIPTION}  Dev\n" in shown
    assert "ada@example.org, the user of `az login`" in shown
    assert "   1  small   2 x Standard_B1ms, 2 x Standard_B2s: " in shown
    assert "  It takes an id such as 00000000-0000-0000-0000-000000000000" in shown
    assert "\nLogin on azure: the service principal in" in shown
    assert logins.SECRET not in shown
    written = yaml.safe_load((compleat.home / "environments/lab.yml").read_text())["properties"]
    assert (written["location"], written["credentials"]["kind"]) == (LOCATION, "file")


def _reaching(azure: StandIn, folder: Path) -> tuple[str, ...]:
    """A principal's file, and the endpoints of the stand-in."""
    (folder / "principal.json").write_text(json.dumps({"client_id": logins.CLIENT, "client_secret": logins.SECRET}))
    (folder / "principal.json").chmod(0o600)
    settings = azure.settings()
    known = ("subscription_id", "tenant_id", "location", "credentials")
    further = {name: value for name, value in settings.items() if name not in known}
    file = f"principalFile={folder / 'principal.json'}"
    return ("--set", file, "--set", f"settings={json.dumps(further)}")


def _signed_in(compleat: Compleat) -> Mapping[str, str]:
    """The process's environment with what `az login` leaves, and without a name of an environment."""
    folder = compleat.home.parent / "azure-cli"
    folder.mkdir()
    dev = {"id": SUBSCRIPTION, "name": "Dev", "tenantId": logins.TENANT, "isDefault": True}
    profile = {"subscriptions": [{**dev, "user": {"name": "ada@example.org", "type": "user"}}]}
    (folder / "azureProfile.json").write_text(json.dumps(profile), encoding="utf-8-sig")
    kept = {name: value for name, value in compleat.env().items() if name != "COMPLEAT_ENVIRONMENT"}
    return {**kept, "HOME": str(folder), "AZURE_CONFIG_DIR": str(folder)}
