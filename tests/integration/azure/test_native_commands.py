"""`compleat template ... --native` typed at the stand-in: the same template in compleat's words and in Azure's."""

import copy
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from director.app.landing import landing_zones
from tests.integration.azure.test_native_templates import CONTENT
from tests.support import planted_files, verb_texts
from tests.support.azure.faults import Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates
from tests.support.callers import calling
from tests.support.command import Compleat, Ran
from tests.support.environments import local_compleat

SECRET = "hush-hush-4711"
EXAMPLE = "templates/examples/small-vm.json"


@pytest.fixture
def azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path / "tls", certificates=certificates) as opened:
        yield opened


@pytest.fixture
def unbuilt(azure: StandIn, tmp_path: Path) -> Compleat:
    """The command in an environment that nothing was created of."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    planted_files.healthy("azure", azure.settings()).write(home)
    return Compleat(home=home, environment=planted_files.ENVIRONMENT, is_warm=True)


@pytest.fixture
def compleat(unbuilt: Compleat) -> Compleat:
    """The command where the environment's landing zone is."""
    return _built(unbuilt)


def _built(unbuilt: Compleat) -> Compleat:
    with planted_files.opened(unbuilt.home) as session:
        landing_zones.create_environment(session, caller=calling("up"))
    return unbuilt


@pytest.fixture
def template(tmp_path: Path) -> str:
    (tmp_path / "password").write_text(SECRET)
    content: dict[str, Any] = copy.deepcopy(CONTENT)
    content["parameters"]["colour"] = {"type": "string", "defaultValue": "red"}
    content["resources"][0]["tags"] = {"colour": "[parameters('colour')]"}
    content["outputs"]["open"] = {"type": "string", "value": "[concat('it is ', parameters('password'))]"}
    (tmp_path / "network.json").write_text(json.dumps(content, indent=1))
    return str(tmp_path / "network.json")


def _given(template: str, *, network: str = "10.1.0.0/16", colour: str = "red") -> tuple[str, ...]:
    password = f"password=@{Path(template).parent / 'password'}"
    return (template, "--native", "-p", f"range={network}", "-p", f"colour={colour}", "-p", password)


def _rows(ran: Ran, name: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in ran.ended().json[name]]


def test_both_ways_list_the_same_resources(unbuilt: Compleat) -> None:
    own = _rows(unbuilt.run("template", "what-if", EXAMPLE, "--json"), "changes", "change", "type", "name")
    assert "environment-missing" in unbuilt.run("template", "deploy", EXAMPLE, "--native").ended(3).err
    assert "unknown-resource-group" in unbuilt.run("template", "what-if", EXAMPLE, "--native").ended(1).err
    compleat = _built(unbuilt)
    native = compleat.run("template", "what-if", EXAMPLE, "--native", "--json")
    theirs = _rows(native, "changes", "change", "type", "name")
    assert len(own) > 3
    assert sorted(one for one in theirs if one[0] != "Ignore") == sorted(own)
    listed = compleat.run("template", "validate", EXAMPLE, "--native", "--json")
    assert sorted(_rows(listed, "resources", "type", "name")) == sorted(one[1:] for one in own)
    assert all(where.startswith(f"{EXAMPLE}:") for (where,) in _rows(listed, "resources", "where"))


def test_a_template_is_deployed_followed_after_a_stop_changed_after_a_yes_and_taken_down(
    azure: StandIn, compleat: Compleat, template: str
) -> None:
    with compleat.started("template", "deploy", *_given(template)) as stopped:
        assert stopped.stderr is not None
        assert any("  guard: " in line for line in stopped.stderr)
        stopped.send_signal(signal.SIGINT)
        assert stopped.wait(timeout=60) == 4
    deployed = compleat.run("template", "deploy", *_given(template), "--json").ended()
    assert len(_puts(azure)) == 1, "the deployment of the stopped command is followed"
    outputs = {row["name"]: row["value"] for row in deployed.json["outputs"]}
    assert outputs["network"].endswith(
        "/resourceGroups/compleat-trial/providers/Microsoft.Network/virtualNetworks/wide"
    )
    assert (outputs["secret"], outputs["open"]) == ("(hidden)", "it is <redacted>")
    assert "guard: Microsoft.Network/networkSecurityGroups Succeeded" in deployed.err
    again = compleat.run("template", "what-if", *_given(template), "--json")
    states = {name: change for name, change in _rows(again, "changes", "name", "change") if change != "Ignore"}
    assert states == {"guard": "NoChange", "wide": "NoChange"}
    refused = compleat.run("template", "deploy", *_given(template, colour="blue")).ended(2)
    assert "tags.colour: red => blue" in refused.err
    assert _colour(azure) == "red", "nothing changes without a yes"
    changed = compleat.run("template", "deploy", *_given(template, colour="blue"), "-n").ended()
    verb_texts.check(changed, compleat, "template deploy", Path(template).parent)
    assert _colour(azure) == "blue"
    events = compleat.run("events", "--json").ended()
    log = compleat.run("task", "--event").ended()
    assert "wide: Microsoft.Network/virtualNetworks Succeeded" in log.out
    for ran in (deployed, again, refused, events, log):
        assert SECRET not in ran.out + ran.err
    kept = [path for path in compleat.home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []
    compleat.run("down", "-n").ended()
    assert azure.place.store.inventory() == ()


def test_what_azure_refuses_and_what_fails_has_its_place_in_the_template(
    azure: StandIn, compleat: Compleat, template: str
) -> None:
    details = [
        {"code": "BadThing", "message": f"It holds {SECRET}.", "target": _id_of("networkSecurityGroups", "guard")},
        {"code": "BadWord", "message": "A word.", "additionalInfo": [{"info": {"path": "outputs.network.type"}}]},
        {"code": "BadLuck", "message": "No place."},
    ]
    body = {"error": {"code": "InvalidTemplateDeployment", "message": "Several.", "details": details}}
    azure.faults.rules = [Rule(path="/validate", status=400, body=body)]
    errors = compleat.run("template", "deploy", *_given(template), "--json").ended(3).json["errors"]
    assert {error["code"] for error in errors} == {"native-template-refused"}
    assert [error["why"].partition(":")[0] for error in errors] == ["BadThing", "BadWord", "BadLuck"]
    assert SECRET not in json.dumps(errors)
    assert [_text_at(error["where"]) for error in errors] == ["{", '"type": "string",', "{"]
    assert '"Microsoft.Network/networkSecurityGroups"' in _text_at(errors[0]["where"], below=1)
    assert errors[2]["where"].endswith(":1:1")
    assert "'guard'" in errors[0]["what"]
    assert [one for one in azure.place.store.inventory() if one["name"] == "guard"] == []
    azure.faults.rules = []
    failed = compleat.run("template", "deploy", *_given(template, network="10.1.0.0/99"), "--json").ended(1)
    (error,) = failed.json["errors"]
    assert error["code"] == "native-deployment-failed"
    assert "'wide'" in error["what"] and "InvalidAddressPrefixFormat" in error["why"]
    assert '"Microsoft.Network/virtualNetworks"' in _text_at(error["where"], below=1)


def test_what_cannot_be_is_refused_before_anything(compleat: Compleat, template: str, tmp_path: Path) -> None:
    local = local_compleat(tmp_path / "local", "templates", is_warm=True)
    for command in ("validate", "what-if", "deploy"):
        refused = local.run("template", command, *_given(template)).ended(3)
        assert "no-native-templates" in refused.err
    assert "--native" in compleat.run("template", "deploy", template).ended(2).err
    placed = compleat.run("template", "validate", template, "--native", "--location", "eastus").ended(2)
    assert "--location" in placed.err
    typed = compleat.run("template", "validate", template, "--native", "-p", f"password={SECRET}").ended(3)
    assert "template-secure-argument" in typed.err
    assert SECRET not in typed.err


def _id_of(kind: str, name: str) -> str:
    return f"/subscriptions/s/resourceGroups/compleat-trial/providers/Microsoft.Network/{kind}/{name}"


def _text_at(where: str, *, below: int = 0) -> str:
    """What is written there, or so many lines below, to the end of the line."""
    file, line, column = where.rsplit(":", 2)
    return Path(file).read_text().splitlines()[int(line) - 1 + below][int(column) - 1 :]


def _puts(azure: StandIn) -> list[str]:
    words = [call.words for call in azure.log.calls() if "Microsoft.Resources/deployments" in call.request.path]
    return [one for one in words if one.startswith("PUT")]


def _colour(azure: StandIn) -> Any:
    return next(one["tags"]["colour"] for one in azure.place.store.inventory() if one["name"] == "guard")
