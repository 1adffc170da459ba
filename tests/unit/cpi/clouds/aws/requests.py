"""Requests as the director sends them, for AWS.

Takes differences, gives requests.
"""

from typing import Any

from cpi.clouds.aws.wire.config import AwsConfig, read_config
from cpi.contract.values import (
    DiskRequest,
    JsonValue,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    VmRequest,
)

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr test"
OWNER = OwnerKey(environment="env", deployment="app", action="r1/create_vm/web")


def config(**more: Any) -> AwsConfig:
    """Settings with a region."""
    return read_config({"region": "us-east-1", **more})


def network(**more: Any) -> NetworkSettings:
    """A manual network."""
    plain: dict[str, Any] = {
        "name": "default",
        "kind": NetworkKind.MANUAL,
        "ip": "10.0.0.10",
        "prefix": 18,
        "gateway": "10.0.0.1",
        "dns": ("10.0.0.2",),
        "defaults": ("dns", "gateway"),
    }
    return NetworkSettings(**{**plain, **more})


def vm(*networks: NetworkSettings, **cloud_properties: JsonValue) -> VmRequest:
    """A small VM."""
    return VmRequest(
        name="web-0",
        owner=OWNER,
        agent_id="a",
        stemcell_cid=StemcellCid("lt-0123456789abcdef0:ami-0123456789abcdef0"),
        networks=networks or (network(),),
        ssh=SshAccess(user="vcap", public_key=KEY),
        cloud_properties={"instance_type": "t3.micro", **cloud_properties},
        tags={"job": "web"},
    )


def disk(size_mib: int = 1024, **cloud_properties: JsonValue) -> DiskRequest:
    """A disk."""
    return DiskRequest(owner=OWNER, size_mib=size_mib, cloud_properties=cloud_properties, tags={"job": "web"})
