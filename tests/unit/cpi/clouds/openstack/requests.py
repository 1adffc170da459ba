"""Requests that tests of OpenStack's builders start from."""

from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings, OwnerKey, SshAccess, StemcellCid, VmRequest

OWNER = OwnerKey(environment="prod", deployment="app", action="abc/create_vm/web-0")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr test"
WRITTEN = {"auth_url": "https://cloud:5000/v3", "username": "me", "api_key": "geheim", "project": "work"}


def settings(**more: JsonValue) -> OpenStackConfig:
    """Settings with a password, and what a test adds."""
    return config.read_config({**WRITTEN, **more})


def vm_request(**properties: JsonValue) -> VmRequest:
    """A VM on one manual network and with a public address."""
    manual = NetworkSettings(
        name="default", kind=NetworkKind.MANUAL, ip="10.0.0.10", prefix=16, gateway="10.0.0.1", defaults=("gateway",)
    )
    return VmRequest(
        name="web-0",
        owner=OWNER,
        agent_id="a",
        stemcell_cid=StemcellCid("none"),
        networks=(NetworkSettings(name="public", kind=NetworkKind.VIP, ip="203.0.113.5"), manual),
        ssh=SshAccess(user="root", public_key=KEY),
        cloud_properties={"instance_type": "m1.small", **properties},
        tags={"job": "web"},
    )
