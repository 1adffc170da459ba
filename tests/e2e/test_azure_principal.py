"""`compleat azure create-principal` as a process, over TLS to a stand-in for Azure, its sign-in and Graph."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support import verb_texts
from tests.support.azure.answers import Request
from tests.support.azure.faults import Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.command import Compleat

COMMAND = ("azure", "create-principal")
WHOLE = (1, 1, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    azure: StandIn
    compleat: Compleat
    path: Path

    def held(self) -> tuple[int, ...]:
        """Applications, principals, secrets and roles, by the stand-in's own word."""
        graph, store = self.azure.graph, self.azure.place.store
        roles = store.of_type("Microsoft.Authorization/roleAssignments")
        return len(graph.applications), len(graph.principals), len(graph.secrets()), len(roles)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with azure_stand_in(tmp_path / "tls") as azure:
        path = tmp_path / "principal.json"
        environment = {
            "name": "lab",
            "cloud": "azure",
            "networks": {"default": "10.0.0.0/16"},
            "properties": azure.settings(credentials={"kind": "file", "path": str(path)}),
        }
        (tmp_path / "home" / "environments").mkdir(parents=True)
        (tmp_path / "home" / "environments" / "lab.yml").write_text(yaml.safe_dump(environment))
        azure.login.pending = 0
        azure.graph.lag = 0
        yield Office(azure=azure, compleat=Compleat(home=tmp_path / "home", environment="lab", is_warm=True), path=path)


def test_the_principal_that_is_made_is_the_one_that_up_signs_in_with(office: Office) -> None:
    office.azure.login.pending = 1
    office.azure.graph.lag = 1
    refused = office.compleat.run("doctor", "--json").ended(3).json
    assert [error["code"] for error in refused["errors"]] == ["principal-file-unusable"]
    made = office.compleat.run(*COMMAND, "--json").ended()
    assert (made.json["schema"], made.json["file"]) == ("compleat.azure-create-principal/1", str(office.path))
    assert "enter the code ABCD1234" in made.err
    assert "Waiting until the new principal works" in made.err
    again = office.compleat.run("-e", "lab", *COMMAND).ended()
    verb_texts.check(again, office.compleat, "azure create-principal", office.path.parent)
    assert office.held() == WHOLE
    first, *others = office.compleat.run("doctor").ended().out.splitlines()
    assert first.startswith("Login on azure: the service principal in") and others[-1] == "No problems found."
    assert "fresh~" not in made.out + made.err + again.out + again.err


def test_a_role_that_went_with_its_group_is_told_by_doctor_and_given_again(office: Office) -> None:
    """`down` deletes the environment's resource group, and what was given there."""
    office.compleat.run(*COMMAND).ended()
    (group,) = office.azure.place.store.of_type("Microsoft.Resources/resourceGroups")
    office.azure.place.store.drop(group.id)
    reported = office.compleat.run("doctor", "--json").ended(3).json
    assert [finding["code"] for finding in reported["findings"]] == ["permissions-missing"]
    made = office.compleat.run(*COMMAND, "--json").ended().json["made"]
    assert [str(each).split()[0] for each in made] == ["resource", "role"]
    office.compleat.run("doctor").ended()


def test_a_sign_in_that_is_declined_is_refused_with_3_and_nothing_is_made(office: Office) -> None:
    office.azure.login.ending = "declined"
    ran = office.compleat.run(*COMMAND, "--json").ended(3)
    assert [error["code"] for error in ran.json["errors"]] == ["sign-in-declined"]
    assert "get_token" not in ran.err, "what libraries log is not for a user"
    assert office.held() == (0, 0, 0, 0)


def test_a_role_that_is_refused_fails_with_1(office: Office) -> None:
    office.azure.faults.rules = [Rule(method="PUT", path="roleAssign", times=9, status=403, code="AuthorizationFailed")]
    ran = office.compleat.run(*COMMAND).ended(1)
    assert "role-not-assignable" in ran.err


def test_wrong_use_ends_with_2(office: Office) -> None:
    office.compleat.run(*COMMAND, "--scope", "world").ended(2)
    office.compleat.run("azure", "create-principle").ended(2)


@pytest.mark.parametrize("call", ["PATCH applications", "PUT roleAssignments/", "POST addPassword", "POST /token"])
def test_killed_while_a_call_is_under_way_it_goes_on_when_run_again(office: Office, call: str) -> None:
    """The call succeeds, and its answer is lost."""
    method, path = call.split()
    with office.compleat.started(*COMMAND) as process:
        killer = _Killer(process.pid, method=method, path=path, skip=2 if path == "/token" else 0)
        for faults in (office.azure.faults, office.azure.graph_faults, office.azure.login_faults):
            faults.weather = killer.strike
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert killer.has_struck
    office.compleat.run(*COMMAND).ended()
    assert office.held() == WHOLE
    assert os.listdir(office.path.parent / "home") == ["environments"]
    assert [name for name in os.listdir(office.path.parent) if name.startswith("principal")] == ["principal.json"]


def test_interrupted_while_nobody_signs_in_it_ends_with_4(office: Office) -> None:
    office.azure.login.pending = 1000
    with office.compleat.started(*COMMAND) as process:
        assert process.stderr is not None
        assert "enter the code" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 4


@dataclass(slots=True)
class _Killer:
    """Kills the process when a call arrives, after `skip` of its kind; the call itself is served."""

    pid: int
    method: str
    path: str
    skip: int
    has_struck: bool = False

    def strike(self, call: Request) -> Rule | None:
        if not self.has_struck and call.method == self.method and self.path in call.path:
            self.skip -= 1
            if self.skip < 0:
                self.has_struck = True
                os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.1)
        return None
