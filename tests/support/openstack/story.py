"""One story of the plugin, told to a real OpenStack once and to its recorded answers ever after.

Takes a connected cloud, gives what each step gave, as text.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from cpi.contract.cloud import Cloud, ConnectedCloud
from cpi.contract.errors import CloudError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskRequest,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    PreflightRequest,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmRequest,
)

ENVIRONMENT = "recorded"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr test"
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))


def report(connected: ConnectedCloud, *, pause_s: float = 0.0) -> list[str]:
    """The whole story: created, found, refused, deleted; `pause_s` before a deletion is repeated."""
    cloud, landing, finder = connected.cloud, connected.landing, connected.finder
    assert landing is not None and finder is not None and connected.preflight is not None
    said: list[str] = []
    landed = [landing.create_landing_resource(one, owner("land")) for one in landing.landing_resources(SPEC)]
    said += [f"landed {one.kind} {one.name} {one.outputs}" for one in landed]
    stemcell = cloud.create_stemcell(StemcellRequest(owner=owner("stemcell"), os="debian", version="12"))
    address = next(one.outputs["jumpbox_public_ip"] for one in landed if one.kind == "public_address")
    request = vm_request("v1", stemcell, address)
    lacking = replace(request, name="big-0", cloud_properties={"instance_type": "m1.huge"})
    many = tuple(replace(request, name=f"web-{number}", owner=owner(f"w{number}")) for number in range(12))
    for vms in ((request,), (lacking,), many):
        findings = connected.preflight.preflight(PreflightRequest(vms=vms))
        said.append(f"preflight {sorted({finding.code for finding in findings})}")
    created = cloud.create_vm(request)
    said.append(f"created {[(one.name, one.ip) for one in created.networks]}")
    said.append(f"again {cloud.create_vm(request) == created}")
    said.append(f"taken {_refusal(lambda: cloud.create_vm(replace(request, name='vm-2', owner=owner('v2'))))}")
    disk = cloud.create_disk(DiskRequest(owner=owner("d1"), size_mib=1024))
    query = OwnerQuery(environment=ENVIRONMENT)
    said.append(f"vms {[(one.owner.action, one.state.value) for one in finder.find_vms(query)]}")
    said.append(f"disks {[(one.owner.action, one.size_mib, one.vm_cid) for one in finder.find_disks(query)]}")
    said.append(f"stemcells {[one.os for one in finder.find_stemcells(query)]}")
    said.append(f"in use {_refusal(lambda: landing.delete_landing_resource(landed[2].cid))}")
    delete_vm(cloud, created.cid, pause_s=pause_s)
    cloud.delete_stemcell(stemcell)
    said.append(f"disk {_refusal(lambda: cloud.delete_disk(disk))}")
    for one in reversed(landed):
        landing.delete_landing_resource(one.cid)
    said.append(f"left {landing.find_landing_resources(ENVIRONMENT)}")
    return said


def delete_vm(cloud: Cloud, cid: VmCid, *, pause_s: float = 0.0) -> None:
    """Ask until it is gone."""
    while _refusal(lambda: cloud.delete_vm(cid)).startswith("TransientError"):
        time.sleep(pause_s)


def _refusal(call: Callable[[], object]) -> str:
    try:
        call()
    except CloudError as error:
        return f"{type(error).__name__} {error.code}"
    return "none"


def owner(action: str) -> OwnerKey:
    """Whose a thing of the story is."""
    return OwnerKey(
        environment=ENVIRONMENT,
        deployment=ENVIRONMENT_ITSELF if action in ("land", "stemcell") else "app",
        action=action,
    )


def vm_request(action: str, stemcell: StemcellCid, address: str = "") -> VmRequest:
    """A VM at 10.9.0.10, with a public address if one is named."""
    manual = NetworkSettings(
        name="main", kind=NetworkKind.MANUAL, ip="10.9.0.10", prefix=24, gateway="10.9.0.1", defaults=("gateway",)
    )
    return VmRequest(
        name="vm-1",
        owner=owner(action),
        agent_id=action,
        stemcell_cid=stemcell,
        networks=(manual, *([NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)] if address else [])),
        ssh=SshAccess(user="root", public_key=KEY),
        cloud_properties={"instance_type": "m1.tiny"},
    )
