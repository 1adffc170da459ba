"""Requests as the director sends them, for Azure.

Takes differences, gives requests.
"""

from dataclasses import replace
from typing import Any

from cpi.clouds.azure.wire import config
from cpi.clouds.azure.wire.names import ResourcePaths
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
OWNER = OwnerKey(environment="test", deployment="app", action="run/create_vm/web")
OWNER_TAGS = {
    "compleat-environment": "test",
    "compleat-deployment": "app",
    "compleat-action": "run/create_vm/web",
}
PLACES = ResourcePaths(subscription="s", group="compleat-test", location="westeurope")
ROOT = "/subscriptions/s/resourceGroups/compleat-test/providers"


def settings(**more: Any) -> config.AzureConfig:
    """Settings with a region."""
    plain: dict[str, Any] = {
        "subscription_id": "s",
        "tenant_id": "t",
        "location": "westeurope",
        "credentials": {"kind": "cli"},
    }
    return config.read_config({**plain, **more})


def network(**more: Any) -> NetworkSettings:
    """A manual network."""
    plain = NetworkSettings(
        name="default",
        kind=NetworkKind.MANUAL,
        ip="10.0.0.10",
        prefix=24,
        gateway="10.0.0.1",
        defaults=("dns", "gateway"),
        cloud_properties={"network": "main"},
    )
    return replace(plain, **more)


def vm(*networks: NetworkSettings, **cloud_properties: JsonValue) -> VmRequest:
    """A small VM."""
    return VmRequest(
        name="web-0",
        owner=OWNER,
        agent_id="a",
        stemcell_cid=StemcellCid("set/Debian:debian-12:12-gen2:latest"),
        networks=networks or (network(),),
        ssh=SshAccess(user="vcap", public_key=KEY),
        cloud_properties=cloud_properties,
        tags={"job": "web"},
    )


def disk(size_mib: int = 1025, **cloud_properties: JsonValue) -> DiskRequest:
    """A disk."""
    return DiskRequest(owner=OWNER, size_mib=size_mib, cloud_properties=cloud_properties, tags={"job": "web"})
