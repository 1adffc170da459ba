"""Where the test cloud is, and what it holds by its services' own lists.

Takes what `up` left, gives settings of the plugin and an inventory taken without the plugin.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openstack

from cpi.values import JsonValue

STATE = Path(os.environ.get("OPENSTACK_STATE", "/var/tmp/openstack-test"))
CLOUDS_FILE = STATE / "clouds.yaml"
USER = "ostest"
"""An ordinary user with the role `member`, in a project of its own."""

NET = "172.29.64."


def settings(**more: JsonValue) -> Mapping[str, JsonValue]:
    """The plugin's, for the ordinary user."""
    return {"cloud": USER, "clouds_file": str(CLOUDS_FILE), "image": "bookworm-tiny", **more}


def connect(user: str = USER) -> openstack.connection.Connection:
    """The SDK's own connection, for what a test does behind the plugin's back."""
    loader = openstack.config.OpenStackConfig(config_files=[str(CLOUDS_FILE)], load_envvars=False)
    return openstack.connection.Connection(config=loader.get_one(cloud=user))


def held() -> list[str]:
    """All that somebody made in the project, by the services' own lists; what is always there is left out."""
    connection = connect()
    try:
        return sorted(_held(connection))
    finally:
        connection.close()


def _held(cloud: openstack.connection.Connection) -> Iterator[str]:
    project = cloud.current_project_id
    found: Mapping[str, Any] = {
        "server": cloud.compute.servers(),
        "key pair": cloud.compute.keypairs(),
        "volume": cloud.block_storage.volumes(),
        "snapshot": cloud.block_storage.snapshots(),
        "image": (one for one in cloud.image.images() if one.owner_id == project),
        "port": cloud.network.ports(project_id=project),
        "router": cloud.network.routers(project_id=project),
        "network": cloud.network.networks(project_id=project),
        "subnet": cloud.network.subnets(project_id=project),
        "floating address": cloud.network.ips(project_id=project),
        "group": (one for one in cloud.network.security_groups(project_id=project) if one.name != "default"),
    }
    for kind, things in found.items():
        for one in things:
            yield f"{kind} {one.id} {one.name}"
