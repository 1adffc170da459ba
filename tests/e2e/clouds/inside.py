"""Networks of an operator's own on clouds with real machines, and in each a machine for the director.

Takes nothing, gives Insides that end with the block. The director's machine is a VM like the others, on their network;
a command that runs in its network namespace sees no other network than it does.
"""

import contextlib
import json
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from cpi.contract.values import NetworkKind, NetworkSettings, OwnerQuery, SshAccess, VmCid, VmRequest
from tests.e2e.clouds import on_aws, on_azure
from tests.support.aws import seeds
from tests.support.azure import own_networks
from tests.support.azure.stand_in import azure_stand_in
from tests.support.bodies import ground
from tests.support.bodies.azure_observer import BodyObserver
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.ground import Ground
from tests.support.bodies.values import Instance, Interface

CIDR, DIRECTOR = "10.30.0.0/24", "10.30.0.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """`environment` are the keys of its file about the cloud, `subnet` and `vm_type` cloud properties in the config.

    `network` is the network namespace of the director's machine. `set_door` says whether the operator's security
    group lets the director in, None where the cloud has none. `held` is all that is there, `lose` deletes a VM.
    """

    environment: Mapping[str, Any]
    subnet: Mapping[str, Any]
    vm_type: Mapping[str, Any]
    network: str
    held: Callable[[], Sequence[str]]
    lose: Callable[[str], None]
    set_door: Callable[[bool], None] | None = None


@contextlib.contextmanager
def on_aws_inside() -> Iterator[Inside]:
    """The director's machine is an instance, so that AWS knows its address to be in use."""
    with on_aws.opened() as place:
        ec2: Any = boto3.client(
            "ec2",
            endpoint_url=str(place.properties["endpoint_url"]),
            region_name=str(place.properties["region"]),
            aws_access_key_id=str(place.properties["access_key_id"]),
            aws_secret_access_key=str(place.properties["secret_access_key"]),
        )
        vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=CIDR, AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
        guards = ec2.create_security_group(VpcId=vpc, GroupName="theirs", Description="x")["GroupId"]
        own = ec2.create_security_group(VpcId=vpc, GroupName="director", Description="x")["GroupId"]
        door = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": f"{DIRECTOR}/32"}]}
        health = {"IpProtocol": "udp", "FromPort": 8853, "ToPort": 8853, "UserIdGroupPairs": [{"GroupId": guards}]}
        ec2.authorize_security_group_ingress(GroupId=guards, IpPermissions=[door, health])
        card = {"DeviceIndex": 0, "SubnetId": subnet, "PrivateIpAddress": DIRECTOR, "Groups": [own]}
        made = ec2.run_instances(
            ImageId=seeds.IMAGES[0].id, InstanceType="t3.small", MinCount=1, MaxCount=1, NetworkInterfaces=[card]
        )
        director = made["Instances"][0]["InstanceId"]
        yield Inside(
            environment={
                "cloud": "aws",
                "properties": {**place.properties, "zones": ["us-east-1a"], "default_security_groups": ["theirs"]},
            },
            subnet={"subnet": subnet},
            vm_type={"instance_type": "t3.small"},
            network=place.bodies.network_of(director),
            held=place.held,
            lose=place.lose,
            set_door=lambda is_open: (
                ec2.authorize_security_group_ingress if is_open else ec2.revoke_security_group_ingress
            )(GroupId=guards, IpPermissions=[door]),
        )
        ec2.terminate_instances(InstanceIds=[director])


@contextlib.contextmanager
def on_azure_inside() -> Iterator[Inside]:
    """Networks and their security group are in a resource group of the operator's."""
    with contextlib.ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        bodies = closing.enter_context(contextlib.closing(Bodies()))
        azure = closing.enter_context(azure_stand_in(folder, observer=BodyObserver(bodies)))
        for url in (azure.arm_url, azure.login_url):
            bodies.outlets.lead_to(urllib.parse.urlsplit(url).port or 443)
        group = own_networks.plant_operators_network(azure)
        own_networks.set_operators_door(azure, DIRECTOR)
        bodies.start(Instance(id="director", interfaces=(Interface(ip=DIRECTOR, cidr=CIDR),)))
        yield Inside(
            environment={"cloud": "azure", "properties": azure.settings()},
            subnet={
                "virtual_network_name": "own",
                "subnet_name": "one",
                "resource_group_name": group,
                "security_group": {"name": "guard", "resource_group_name": group},
            },
            vm_type={"instance_type": "Standard_B1s"},
            network=bodies.network_of("director"),
            held=lambda: sorted(str(one["id"]) for one in azure.place.store.inventory()),
            lose=lambda cid: on_azure.lose(azure, cid),
            set_door=lambda is_open: own_networks.set_operators_door(azure, DIRECTOR if is_open else ""),
        )
        bodies.delete("director")


@contextlib.contextmanager
def on_local_inside() -> Iterator[Inside]:
    """The local cloud of this machine as a CPI executable: its VMs are on a bridge of their own, the director's too."""
    there = ground.open_ground()
    try:
        name = there.network(CIDR)
        director = there.connected.cloud.create_vm(_machine(there, name))
        yield Inside(
            environment={"cloud": f"exec:{_executable(there)}", "properties": {"stemcell": _stemcell(there)}},
            subnet={"network": name},
            vm_type={},
            network=f"/proc/{there.first_process(director.cid)}/ns/net",
            held=lambda: _held(there),
            lose=lambda cid: there.connected.cloud.delete_vm(VmCid(cid)),
        )
    finally:
        there.clear()


def _machine(there: Ground, network: str) -> VmRequest:
    card = NetworkSettings(
        name="eth0",
        kind=NetworkKind.MANUAL,
        ip=DIRECTOR,
        prefix=24,
        gateway="10.30.0.1",
        defaults=("dns", "gateway"),
        cloud_properties={"network": network},
    )
    return VmRequest(
        name="director",
        owner=ground.owner_of("director"),
        agent_id="director",
        stemcell_cid=there.stemcell(),
        networks=(card,),
        ssh=SshAccess(user="root", public_key=""),
    )


def _executable(there: Ground) -> Path:
    settings = {
        "environment": ground.owner_of("").environment,
        "state_dir": str(there.folder / "home"),
        "login": {"user": "root"},
        "properties": {"state_root": str(there.folder / "clouds")},
    }
    config, script = there.folder / "cpi.json", there.folder / "cpi"
    config.write_text(json.dumps(settings))
    script.write_text(f"#!/bin/sh\nexec {sys.executable} -m director.cli.main cpi local --config {config}\n")
    script.chmod(0o755)
    return script


def _stemcell(there: Ground) -> Mapping[str, str]:
    about = there.connected.cloud.info()
    return {"os": about.default_os, "version": about.default_version}


def _held(there: Ground) -> list[str]:
    query = OwnerQuery(environment=ground.owner_of("").environment)
    vms = [f"vm {vm.created.cid}" for vm in there.finder.find_vms(query)]
    return sorted((*vms, *(f"disk {disk.cid}" for disk in there.finder.find_disks(query))))
