"""Templates handed to Resource Manager itself, at the stand-in: questions, a deployment, interruptions, the end."""

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.connect import connect_cloud
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.native_templates import (
    ChangeKind,
    DeploymentProgress,
    NativeDeployment,
    NativeRefusal,
    NativeTemplate,
    NativeTemplates,
)
from cpi.kit.operation_clock import OperationClock
from tests.support.azure.faults import Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates
from tests.support.landings import landing_of

ENVIRONMENT = "native"
NETWORK = "Microsoft.Network/virtualNetworks"
CONTENT: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"range": {"type": "string"}, "password": {"type": "securestring", "defaultValue": "x"}},
    "resources": [
        {
            "type": "Microsoft.Network/networkSecurityGroups",
            "apiVersion": "2024-01-01",
            "name": "guard",
            "location": "westeurope",
            "properties": {"securityRules": []},
        },
        {
            "type": NETWORK,
            "apiVersion": "2024-01-01",
            "name": "wide",
            "location": "westeurope",
            "dependsOn": ["guard"],
            "properties": {
                "addressSpace": {"addressPrefixes": ["[parameters('range')]"]},
                "subnets": [{"name": "front", "properties": {"addressPrefix": "[parameters('range')]"}}],
            },
        },
    ],
    "outputs": {
        "network": {"type": "string", "value": "[resourceId('Microsoft.Network/virtualNetworks', 'wide')]"},
        "secret": {"type": "securestring", "value": "[parameters('password')]"},
    },
}
TEMPLATE = NativeTemplate(name="network", content=CONTENT, parameters={"range": "10.1.0.0/16", "password": "hush-hush"})
UNREADABLE = replace(TEMPLATE, parameters={"range": "10.1.0.0/99"})


HASTY = OperationClock(now_s=time.monotonic, wall_s=time.time, sleep=lambda _: None)


class Killed(BaseException):
    """The process died."""


@pytest.fixture
def azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as found:
        yield found


def _connect(azure: StandIn, **changes: Any) -> ConnectedCloud:
    settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings(**changes))
    return connect_cloud(settings, clock=HASTY)


def _native(azure: StandIn) -> NativeTemplates:
    found = _connect(azure).native_templates
    assert found is not None
    return found


def _puts(azure: StandIn) -> list[str]:
    words = [call.words for call in azure.log.calls() if "Microsoft.Resources/deployments" in call.request.path]
    return [one for one in words if one.startswith("PUT")]


def _unwatched(_: NativeDeployment) -> None:
    """For a deployment whose progress does not matter."""


def test_a_deployment_tells_its_operations_its_outputs_and_no_secret(azure: StandIn) -> None:
    seen: list[NativeDeployment] = []
    made = _native(azure).deploy(TEMPLATE, seen.append)
    assert made.progress is DeploymentProgress.SUCCEEDED
    assert [(one.type, one.name, one.state) for one in made.operations] == [
        ("Microsoft.Network/networkSecurityGroups", "guard", "Succeeded"),
        (NETWORK, "wide", "Succeeded"),
    ]
    assert {name: bool(value) for name, value in made.outputs.items()} == {"network": True, "secret": False}
    assert str(made.outputs["network"]).endswith(f"/resourceGroups/compleat-native/providers/{NETWORK}/wide")
    counts = [len(one.operations) for one in seen]
    assert counts == sorted(counts) and counts[0] < 2, "progress was seen while it ran"
    assert "hush-hush" not in f"{TEMPLATE!r}{seen}"


def test_what_if_is_empty_right_after_a_deployment_and_tells_what_differs(azure: StandIn) -> None:
    native = _native(azure)
    native.deploy(TEMPLATE, _unwatched)
    assert {one.kind for one in native.what_if(TEMPLATE)} == {ChangeKind.NO_CHANGE}
    wider = replace(TEMPLATE, parameters={"range": "10.2.0.0/16"})
    changes = {one.name: one for one in native.what_if(wider)}
    assert (changes["guard"].kind, changes["wide"].kind) == (ChangeKind.NO_CHANGE, ChangeKind.MODIFY)
    assert [(one.path, one.before, one.after) for one in changes["wide"].properties] == [
        ("properties.addressSpace.addressPrefixes.0", "10.1.0.0/16", "10.2.0.0/16")
    ]


def test_validation_lists_the_resources_and_refuses_in_resource_managers_words(azure: StandIn) -> None:
    connected = _connect(azure)
    native = connected.native_templates
    assert native is not None
    with pytest.raises(CloudError, match="unknown-resource-group"):
        native.validate(TEMPLATE)
    native.deploy(TEMPLATE, _unwatched)
    assert native.validate(TEMPLATE) == (("Microsoft.Network/networkSecurityGroups", "guard"), (NETWORK, "wide"))
    with pytest.raises(NativeRefusal) as refused:
        native.validate(replace(TEMPLATE, parameters={}))
    assert [one.code for one in refused.value.problems] == ["InvalidTemplate"]
    assert "'range'" in refused.value.problems[0].message


def test_a_resource_that_is_refused_is_named_with_the_reason_alone(azure: StandIn) -> None:
    failed = _native(azure).deploy(UNREADABLE, _unwatched)
    assert failed.progress is DeploymentProgress.FAILED
    assert [(one.code, one.resource) for one in failed.problems] == [("InvalidAddressPrefixFormat", (NETWORK, "wide"))]
    assert {one.name: one.state for one in failed.operations} == {"guard": "Succeeded", "wide": "Failed"}


def test_a_killed_deployment_is_followed_and_not_created_twice(azure: StandIn) -> None:
    def die(_: NativeDeployment) -> None:
        raise Killed

    with pytest.raises(Killed):
        _native(azure).deploy(TEMPLATE, die)
    content = copy.deepcopy(CONTENT)
    content["resources"].pop(0)
    with pytest.raises(CloudError, match="deployment-running"):
        _native(azure).deploy(replace(TEMPLATE, content=content), _unwatched)
    assert _native(azure).deploy(TEMPLATE, _unwatched).progress is DeploymentProgress.SUCCEEDED
    assert len(_puts(azure)) == 1


def test_a_failed_deployment_is_deployed_again_under_its_name(azure: StandIn) -> None:
    _native(azure).deploy(UNREADABLE, _unwatched)
    assert _native(azure).deploy(TEMPLATE, _unwatched).progress is DeploymentProgress.SUCCEEDED
    assert len({*_puts(azure)}) == 1, "one name, whatever it deploys"
    assert len(_puts(azure)) == 2


def test_a_refusal_of_the_caller_is_no_fault_of_the_template(azure: StandIn) -> None:
    native = _native(azure)
    native.deploy(TEMPLATE, _unwatched)
    azure.faults.rules = [Rule(path="/validate", status=403, code="AuthorizationFailed")]
    with pytest.raises(DeniedError):
        native.validate(TEMPLATE)


def test_the_group_takes_what_was_deployed_with_it_and_nothing_else(azure: StandIn) -> None:
    connected = _connect(azure)
    assert connected.native_templates is not None
    connected.native_templates.deploy(TEMPLATE, _unwatched)
    landing = landing_of(connected)
    group = next(one for one in landing.find_landing_resources(ENVIRONMENT) if one.kind == "resource_group")
    stranger = f"{_scope(azure)}/providers/Microsoft.Network/networkSecurityGroups/strangers"
    _plant(azure, stranger)
    with pytest.raises(CloudError, match="resource-group-not-empty"):
        landing.delete_landing_resource(group.cid)
    azure.place.store.drop(stranger)
    landing.delete_landing_resource(group.cid)
    assert landing.find_landing_resources(ENVIRONMENT) == ()
    assert azure.place.store.inventory() == ()


def test_in_a_group_of_somebody_else_nothing_is_deployed(azure: StandIn) -> None:
    _native(azure).deploy(TEMPLATE, _unwatched)
    foreign = _connect(azure, resource_group_name="compleat-native").native_templates
    assert foreign is not None
    assert len(foreign.validate(TEMPLATE)) == 2
    with pytest.raises(CloudError, match="resource-group-foreign"):
        foreign.deploy(TEMPLATE, _unwatched)


def _scope(azure: StandIn) -> str:
    return next(str(one["id"]) for one in azure.place.store.inventory() if str(one["id"]).count("/") == 4)


def _plant(azure: StandIn, resource: str) -> None:
    own = azure.place.store.need(resource.replace("/strangers", "/guard"))
    azure.place.store.put(replace(own, id=resource, body={**own.body, "id": resource, "name": "strangers"}))
