"""What the plugin sends and the stand-in answers keeps Microsoft's own descriptions, by their checker `oav` (npm).

`COMPLEAT_OAV` names the program; `make test` installs it.
"""

import io
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.preflight import permissions
from cpi.contract.cloud import ConnectSettings
from cpi.contract.native_templates import NativeRefusal, NativeTemplate
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingSpec,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    PreflightRequest,
    StemcellRequest,
)
from cpi.plugins import find_plugin
from tests import prerequisites
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images
from tests.support.azure import azurite, own_networks
from tests.support.azure.answers import Call, Request
from tests.support.azure.stand_in import StandIn, azure_stand_in

SPECIFICATION = Path(__file__).parents[4] / "shared" / "clouds" / "azure-specs" / "specification"
EXAMPLE = Path(__file__).parents[3] / "templates" / "examples" / "network.json"
OAV = prerequisites.BY_NAME["oav"].path()
LEAST_COVERED = 55
_SPELT = {"domainnamelabel": "domainNameLabel"}
"""The stand-in keeps names of queries in small letters, as Azure takes them in any."""
_UNDESCRIBED = (
    "/operations/",
    "/operationresults/",
    "/microsoft.authorization/permissions",
    "/microsoft.authorization/locks",
    "/logs/",
)


@pytest.mark.skipif(not SPECIFICATION.is_dir(), reason="Microsoft's descriptions are not here")
@pytest.mark.needs("oav")
def test_traffic_keeps_microsofts_descriptions(tmp_path: Path) -> None:
    calls = _traffic(tmp_path, live=_end_by_itself)
    assert [kind for kind in _OF_THE_CLOCK if not any(kind in call.request.path for call in calls)] == []
    assert len(calls) > 40, "a check of a handful of calls proves nothing"
    assert len([call for call in calls if "/deployments" in call.request.path]) > 8
    folder = tmp_path / "traffic"
    folder.mkdir()
    for number, call in enumerate(calls):
        (folder / f"{number:03d}.json").write_text(json.dumps(_exchange(call)))
    report = tmp_path / "report.json"
    command = [OAV, "validate-traffic", str(folder), str(SPECIFICATION), "--jsonReport", str(report)]
    subprocess.run(command, capture_output=True, check=False, timeout=240, cwd=tmp_path)
    found = json.loads(report.read_text())
    assert _wrongs(found) == []


def test_preflight_asks_for_every_action_that_this_traffic_takes(tmp_path: Path) -> None:
    resources = [call.request for call in _traffic(tmp_path) if "/resourcegroups/" in call.request.path.lower()]
    taken = {action for request in resources if (action := _action(request))}
    asked = {
        *permissions.GROUP_ACTIONS,
        *permissions.VM_ACTIONS,
        *permissions.LANDING_ACTIONS,
        *permissions.ACCOUNT_ACTIONS,
        *permissions.STORING_ACTIONS,
        *permissions.SENDING_ACTIONS,
    }
    assert len(taken) > 30, "a handful of calls proves nothing"
    assert taken - {one.lower() for one in asked} == set()


def _action(request: Request) -> str:
    """What Azure's roles call a request, in small letters; "" for a list of all of a group's, which any role shows."""
    verbs = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
    _, _, inside = request.path.lower().partition("/providers/")
    if not inside:
        group = "microsoft.resources/subscriptions/resourcegroups"
        return "" if request.path.endswith("/resources") else f"{group}/{verbs[request.method]}"
    space, *words = inside.split("/")
    if request.method == "POST":
        return f"{space}/{'/'.join(words[:-1:2])}/{words[-1]}/action"
    return f"{space}/{'/'.join(words[::2])}/{verbs[request.method]}"


def _traffic(folder: Path, *, live: Callable[[StandIn], None] = lambda _: None) -> list[Call]:
    """A life of everything, through the plugin, and what else is to happen there."""
    with azure_stand_in(folder) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(folder), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        _live(subject)
        _share_an_interface(subject, own_networks.plant_dual_stack(azure))
        _leave(subject)
        _send_image(subject, disk_images.write_vhd(folder))
        _land_a_name(azure)
        live(azure)
        return [call for call in azure.log.calls() if call.reply and not _is_undescribed(call)]


def _live(subject: Subject) -> None:
    cloud, connected = subject.connected.cloud, subject.connected
    request = subject.vm_request("a1")
    zoned = replace(request, cloud_properties={"availability_zone": "1", "instance_type": "Standard_D2s_v5"})
    vm = cloud.create_vm(zoned).cid
    disk = cloud.create_disk(replace(subject.disk_request("d1"), vm_cid=vm))
    cloud.attach_disk(vm, disk)
    cloud.set_vm_metadata(vm, {"job": "web"})
    snapshot = cloud.snapshot_disk(disk, subject.owner("s1"))
    query = OwnerQuery(environment=ENVIRONMENT)
    subject.finder.find_vms(query)
    subject.finder.find_disks(query)
    subject.finder.find_stemcells(query)
    subject.finder.find_snapshots(query)
    assert connected.power and connected.preflight
    connected.power.stop_vm(vm)
    connected.power.start_vm(vm)
    cloud.reboot_vm(vm)
    cloud.detach_disk(vm, disk)
    cloud.resize_disk(disk, 4096)
    cloud.set_disk_metadata(disk, {"orphaned": "true"})
    cloud.delete_snapshot(snapshot)
    cloud.delete_vm(vm)
    cloud.delete_disk(disk)
    if azurite.PROGRAM:
        assert connected.storage
        connected.storage.put_blob("sha256/0", io.BytesIO(b"package"), size=7)


def _share_an_interface(subject: Subject, networks: tuple[NetworkSettings, ...]) -> None:
    """Networks of both versions, of one nic_group."""
    request = replace(subject.vm_request("a3"), networks=networks)
    assert subject.connected.preflight
    assert not [one for one in subject.connected.preflight.preflight(PreflightRequest(vms=(request,))) if one.is_fatal]
    vm = subject.connected.cloud.create_vm(request).cid
    subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    subject.connected.cloud.delete_vm(vm)


def _leave(subject: Subject) -> None:
    for found in reversed(subject.landing.find_landing_resources(ENVIRONMENT)):
        subject.landing.delete_landing_resource(found.cid)


def _send_image(subject: Subject, image: Path) -> None:
    """A stemcell that brings its image, from the first byte to its end."""
    subject = prepare(subject.connected)
    cloud = subject.connected.cloud
    request = StemcellRequest(
        owner=subject.owner("s2", ENVIRONMENT_ITSELF), os="own", version="1.2", image_path=str(image)
    )
    cid = cloud.create_stemcell(request)
    subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    cloud.delete_vm(cloud.create_vm(replace(subject.vm_request("a2"), stemcell_cid=cid)).cid)
    cloud.delete_stemcell(cid)


def _land_a_name(azure: StandIn) -> None:
    """A public address with a DNS name, checked in preflight."""
    properties = azure.settings(dns_names={"jumpbox": "trial-jump"})
    named = find_plugin("azure").connect(ConnectSettings(environment="named", state_dir="", properties=properties))
    assert named.landing and named.preflight
    resources = named.landing.landing_resources(
        LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))
    )
    named.preflight.preflight(PreflightRequest(landing=resources))
    for resource in resources:
        named.landing.create_landing_resource(
            resource, OwnerKey(environment="named", deployment=ENVIRONMENT_ITSELF, action="setup")
        )


_OF_THE_CLOCK = ("/roleDefinitions/", "/roleAssignments/", "/userAssignedIdentities/")


def _end_by_itself(azure: StandIn) -> None:
    """A jumpbox that gets the login to end its environment, and what _deploy_templates does."""
    settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
    subject = prepare(find_plugin("azure").connect(settings))
    clock, vm = subject.connected.end_clock, subject.connected.cloud.create_vm(subject.vm_request("a4")).cid
    assert clock is not None
    clock.require_rights()
    clock.set_end(2_000_000_000.0)
    clock.give_login(vm)
    clock.revoke()
    subject.connected.cloud.delete_vm(vm)
    _deploy_templates(azure)


def _deploy_templates(azure: StandIn) -> None:
    """A template handed to Resource Manager: asked about, deployed, refused, and gone with its group."""
    settings = ConnectSettings(environment="native", state_dir="", properties=azure.settings())
    connected = find_plugin("azure").connect(settings)
    native = connected.native_templates
    assert native is not None and connected.landing is not None
    content = json.loads(EXAMPLE.read_text())
    template = NativeTemplate(name="network", content=content, parameters={"prefix": "native"})
    failing = NativeTemplate(name="network", content=content, parameters={"prefix": "no"})
    native.deploy(template, lambda _: None)
    native.validate(template)
    native.what_if(template)
    with pytest.raises(NativeRefusal):
        native.validate(failing)
    for found in reversed(connected.landing.find_landing_resources("native")):
        connected.landing.delete_landing_resource(found.cid)


def _is_undescribed(call: Call) -> bool:
    path = call.request.path.lower()
    is_subscription = path.count("/") == 2 and path.startswith("/subscriptions/")
    return is_subscription or any(part in path for part in _UNDESCRIBED)


def _exchange(call: Call) -> dict[str, Any]:
    assert call.reply is not None
    query = "&".join(f"{_SPELT.get(name, name)}={value}" for name, value in call.request.query.items())
    request = {
        "method": call.request.method,
        "url": f"https://management.azure.com{call.request.path}?{query}",
        "headers": {"Content-Type": "application/json"},
    }
    if call.request.body is not None:
        request["body"] = call.request.body
    headers = {**call.reply.headers, "Content-Type": "application/json"}
    response = {"statusCode": str(call.reply.status), "headers": headers}
    if call.reply.body is not None:
        response["body"] = call.reply.body
    return {"liveRequest": request, "liveResponse": response}


def _wrongs(report: dict[str, Any]) -> list[str]:
    """The checker's findings as text; 404 is Azure's answer for a missing resource, though not all files list it."""
    assert report["coveredOperations"] >= LEAST_COVERED, report["coveredOperations"]
    words = [f"{each['operationId']}: {each['errorCode']}: {each['errorMessage']}" for each in report["errors"]]
    return [one for one in words if not re.search(r"INVALID_RESPONSE_CODE: .*'404'", one)]
