"""`compleat azure create-principal` in this process, over TLS to the stand-in: what it makes, and what it refuses."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.commands import COMMANDS
from cpi.clouds.azure.principals import create_principal
from cpi.clouds.azure.wire import principal_file
from cpi.contract.commands import CommandCall, CommandResult
from cpi.contract.errors import CloudError
from tests.support.azure.faults import Act, Rule
from tests.support.azure.login import CLIENT, ENDINGS
from tests.support.azure.stand_in import StandIn, azure_stand_in

pytestmark = pytest.mark.slow

ENVIRONMENT = "lab"
NAME = "compleat-lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An Azure, a file to write, and the lines shown to the user."""

    azure: StandIn
    path: Path
    reported: list[str] = field(default_factory=list)

    def call(self, options: Mapping[str, str] | None = None, **settings: Any) -> CommandCall:
        defaults = {option.name: option.default for option in COMMANDS[0].options}
        file = {"credentials": {"kind": "file", "path": str(self.path)}}
        return CommandCall(
            environment=ENVIRONMENT,
            properties=self.azure.settings(**{**file, **settings}),
            options={**defaults, **(options or {})},
            report=self.reported.append,
        )

    def make(self, options: Mapping[str, str] | None = None) -> CommandResult:
        return create_principal.prepare(self.call(options))()

    def held(self) -> dict[str, int]:
        """How many of each there are, by the stand-in's own word."""
        roles = self.azure.place.store.of_type("Microsoft.Authorization/roleAssignments")
        return {
            "applications": len(self.azure.graph.applications),
            "principals": len(self.azure.graph.principals),
            "secrets": len(self.azure.graph.secrets()),
            "roles": len(roles),
            "groups": len(self.azure.place.store.names("Microsoft.Resources/resourceGroups")),
        }


WHOLE = {"applications": 1, "principals": 1, "secrets": 1, "roles": 2, "groups": 1}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with azure_stand_in(tmp_path / "tls") as azure:
        azure.login.pending = 0
        azure.graph.lag = 0
        yield Office(azure=azure, path=tmp_path / "home" / "principal.json")


def test_a_principal_is_made_and_written_for_its_owner_alone(office: Office) -> None:
    office.azure.graph.lag = 2
    result = office.make()
    assert office.held() == WHOLE
    saved = principal_file.read(str(office.path))
    (application,) = office.azure.graph.applications.values()
    (secret,) = application["passwordCredentials"]
    assert (saved.client_id, saved.key_id, saved.expires) == (
        application["appId"],
        secret["keyId"],
        secret["endDateTime"],
    )
    assert saved.client_secret in office.azure.login.clients[saved.client_id]
    assert oct(office.path.stat().st_mode & 0o777) == "0o600"
    assert os.listdir(office.path.parent) == ["principal.json"]
    assert saved.client_secret not in json.dumps(result.data) + "".join([*result.lines, *office.reported, repr(saved)])
    assert office.reported[0].startswith(f"To sign in, open {office.azure.login_url}/device and enter the code ")
    assert result.data["made"] == [
        f"resource group '{NAME}'",
        f"application '{NAME}'",
        "service principal",
        *(f"role {role['role']} on {role['scope']}" for role in result.data["roles"]),  # type: ignore[union-attr, call-overload, index]
        "secret",
    ]


def test_a_second_time_nothing_is_made(office: Office) -> None:
    office.make()
    before = office.path.read_text()
    result = office.make()
    assert (result.data["made"], office.held(), office.path.read_text()) == ([], WHOLE, before)


def test_a_role_on_the_whole_subscription_makes_no_group(office: Office) -> None:
    result = office.make({"scope": "subscription"})
    root = f"/subscriptions/{office.call().properties['subscription_id']}"
    assert result.data["roles"] == [{"role": "Contributor", "scope": root}]
    assert office.held() == {**WHOLE, "roles": 1, "groups": 0}


@pytest.mark.parametrize("act", [Act.LOST, Act.RESET])
@pytest.mark.parametrize("call", range(6))
def test_an_answer_lost_at_any_change_makes_no_twin(office: Office, act: Act, call: int) -> None:
    method, path = [
        ("PUT", "/resourceGroups/[^/]+$"),
        ("PATCH", "/applications"),
        ("PATCH", "/servicePrincipals"),
        ("PUT", "resourceGroups/.*/roleAssignments/"),
        ("PUT", "roleAssignments/"),
        ("POST", "addPassword"),
    ][call]
    rule = Rule(method=method, path=path, act=act)
    (office.azure.graph_faults if call in (1, 2, 5) else office.azure.faults).rules = [rule]
    office.make()
    assert (rule.times, office.held()) == (0, WHOLE)
    assert principal_file.read(str(office.path)).key_id == _key(office)


def test_a_secret_that_was_made_and_not_saved_is_removed(office: Office) -> None:
    """As if the process had been killed between the answer and the file."""
    office.make()
    office.path.unlink()
    (name,) = office.azure.graph.secrets()
    office.path.with_name("principal.json.begun").write_text(json.dumps({"names": [name], "replaced": []}))
    office.make()
    assert office.held() == WHOLE
    assert name not in office.azure.graph.secrets()
    assert os.listdir(office.path.parent) == ["principal.json"]


def test_a_secret_of_somebody_else_stays(office: Office) -> None:
    office.make()
    (application,) = office.azure.graph.applications.values()
    application["passwordCredentials"].append({"keyId": "theirs", "displayName": "theirs", "endDateTime": ""})
    office.path.unlink()
    office.make()
    assert "theirs" in office.azure.graph.secrets()


def test_a_secret_that_ends_soon_or_is_gone_is_replaced(office: Office) -> None:
    office.make()
    first = principal_file.read(str(office.path))
    principal_file.save(str(office.path), _changed(first, expires="2020-01-01T00:00:00Z"))
    assert office.make().data["made"] == ["secret"]
    second = principal_file.read(str(office.path))
    assert (second.key_id == first.key_id, office.held()) == (False, WHOLE)
    (application,) = office.azure.graph.applications.values()
    application["passwordCredentials"].clear()
    assert office.make().data["made"] == ["secret"]
    assert (office.held(), _key(office)) == (WHOLE, principal_file.read(str(office.path)).key_id)


def test_another_process_at_it_is_told(office: Office) -> None:
    with principal_file.holding(str(office.path)):
        assert _refusal(office, lambda _: None) == "principal-busy"
    assert office.held()["applications"] == 0


def test_a_refused_role_tells_the_command_for_an_owner_and_goes_on_after_it(office: Office) -> None:
    office.azure.faults.rules = [
        Rule(method="PUT", path="roleAssignments", times=9, status=403, code="AuthorizationFailed", message="no")
    ]
    with pytest.raises(CloudError) as raised:
        office.make()
    (principal,) = office.azure.graph.principals.values()
    assert raised.value.code == "role-not-assignable"
    assert f"--assignee-object-id {principal['id']}" in raised.value.fix
    assert not office.path.exists()
    office.azure.faults.rules = []
    office.make()
    assert office.held() == WHOLE


def _declined(office: Office) -> None:
    office.azure.login.ending = "declined"


def _no_registration(office: Office) -> None:
    office.azure.graph.may_register = False


def _taken_name(office: Office) -> None:
    office.make()
    (application,) = office.azure.graph.applications.values()
    application["tags"] = ["somebody-elses"]
    office.path.unlink()


def _other_clock(office: Office) -> None:
    office.azure.place.region.clock_ahead_s = 900


def _open_file(office: Office) -> None:
    office.path.parent.mkdir()
    office.path.write_text("{}")


def _others_principal(office: Office) -> None:
    office.path.parent.mkdir()
    principal_file.save(str(office.path), principal_file.Principal(client_id=CLIENT, client_secret="s"))


def _others_group(office: Office) -> None:
    office.make()
    (group,) = office.azure.place.store.of_type("Microsoft.Resources/resourceGroups")
    group.body["tags"] = {}


def _no_folder(office: Office) -> None:
    office.path.parent.write_text("a file where a folder is needed")


def _nothing_works(office: Office) -> None:
    office.azure.faults.rules = [
        Rule(path="/subscriptions", times=99, status=403, code="RequestDisallowedByPolicy", message="no")
    ]


REFUSALS: Mapping[str, tuple[Callable[[Office], None], Mapping[str, str], Mapping[str, Any]]] = {
    "sign-in-declined": (_declined, {}, {}),
    "directory-not-authorized": (_no_registration, {}, {}),
    "name-taken": (_taken_name, {}, {}),
    "clock-skew": (_other_clock, {}, {}),
    "principal-file-unusable": (_open_file, {}, {}),
    "principal-file-taken": (_others_principal, {}, {}),
    "name-taken:group": (_others_group, {}, {}),
    "policy-refused": (_nothing_works, {}, {}),
    "unknown-role": (lambda _: None, {"role": "Contributer"}, {}),
    "secret-days-invalid": (lambda _: None, {"days": "soon"}, {}),
    "tenant-missing": (lambda _: None, {}, {"tenant_id": ""}),
    "unknown-tenant": (lambda _: None, {}, {"tenant_id": "00000000-0000-0000-0000-000000000000"}),
    "unknown-resource-group": (lambda _: None, {}, {"resource_group_name": "kept"}),
    "principal-file-not-named": (lambda _: None, {}, {"credentials": {"kind": "cli"}}),
    "cloud-config-invalid": (lambda _: None, {}, {"locatoin": "westeurope"}),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_told_in_words_and_makes_nothing(office: Office, code: str) -> None:
    arrange, options, settings = REFUSALS[code]
    assert _refusal(office, arrange, options, **settings) == code.partition(":")[0]
    assert office.held()["secrets"] == (1 if arrange in (_taken_name, _others_group) else 0)


@pytest.mark.parametrize(
    ("ending", "code"),
    [("expired", "sign-in-code-expired"), ("consent", "consent-needed"), ("policy", "sign-in-policy-refused")],
)
def test_how_a_sign_in_ended_is_told(office: Office, ending: str, code: str) -> None:
    assert ending in ENDINGS
    office.azure.login.ending = ending
    assert _refusal(office, lambda _: None) == code


def test_a_place_where_nothing_can_be_written_is_told_before_anything_is_made(office: Office) -> None:
    assert _refusal(office, _no_folder) == "principal-file-unusable"
    assert office.held() == dict.fromkeys(WHOLE, 0)


def _refusal(
    office: Office, arrange: Callable[[Office], None], options: Mapping[str, str] | None = None, **settings: Any
) -> str:
    arrange(office)
    with pytest.raises(CloudError) as raised:
        create_principal.prepare(office.call(options, **settings))()
    assert all((raised.value.what, raised.value.fix)), "an error says what to do"
    return raised.value.code


def _key(office: Office) -> str:
    (application,) = office.azure.graph.applications.values()
    (secret,) = application["passwordCredentials"]
    return str(secret["keyId"])


def _changed(principal: principal_file.Principal, *, expires: str) -> principal_file.Principal:
    return principal_file.Principal(
        client_id=principal.client_id,
        client_secret=principal.client_secret,
        tenant_id=principal.tenant_id,
        key_id=principal.key_id,
        expires=expires,
    )
