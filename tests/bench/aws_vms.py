"""The plugin's side of the AWS bench, in a file without the emulator: a process of its own shows what the plugin takes.

Takes the plugin's settings, gives a connected cloud and instances; as a program, prints its peak memory in MiB.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cpi.clouds.aws.plugin import PLUGIN
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingSpec,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    OwnerQuery,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmRequest,
)

COUNT = 200
ENVIRONMENT = "bench"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr bench"
_OWNER = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")


def landed(settings: Mapping[str, Any]) -> tuple[ConnectedCloud, StemcellCid]:
    """The plugin, with a landing zone and a stemcell."""
    connected = PLUGIN.connect(ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=settings))
    return connected, _land(connected)


def create(connected: ConnectedCloud, stemcell: StemcellCid) -> list[VmCid]:
    """As many VMs as the bench has."""
    return [connected.cloud.create_vm(_request(number, stemcell)).cid for number in range(COUNT)]


def tag(connected: ConnectedCloud, cids: list[VmCid]) -> None:
    """One more tag on each."""
    for cid in cids:
        connected.cloud.set_vm_metadata(cid, {"index": "1"})


def _land(connected: ConnectedCloud) -> StemcellCid:
    assert connected.landing is not None
    spec = LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=())
    for part in connected.landing.landing_resources(spec):
        connected.landing.create_landing_resource(part, _OWNER)
    about = connected.cloud.info()
    request = StemcellRequest(owner=_OWNER, os=about.default_os, version=about.default_version)
    return connected.cloud.create_stemcell(request)


def _request(number: int, stemcell: StemcellCid) -> VmRequest:
    network = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip=address(number), prefix=18)
    return VmRequest(
        name=f"vm-{number}",
        owner=OwnerKey(environment=ENVIRONMENT, deployment="many", action=f"create/{number}"),
        agent_id=str(number),
        stemcell_cid=stemcell,
        networks=(network,),
        ssh=SshAccess(user="vcap", public_key=_KEY),
        cloud_properties={"instance_type": "t3.micro"},
        tags={"deployment": "many"},
    )


def address(number: int) -> str:
    """The private address of one of them."""
    return f"10.0.{1 + number // 200}.{10 + number % 200}"


if __name__ == "__main__":
    here, image = landed(json.load(sys.stdin))
    tag(here, create(here, image))
    assert here.finder is not None
    assert len(here.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))) == COUNT
    # getrusage would tell the peak of the process that started this one.
    reported = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert reported is not None
    sys.stdout.write(f"{int(reported[1]) / 1024:.1f}")
