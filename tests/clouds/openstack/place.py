"""Where the test cloud is, and what it holds by its services' own lists.

Takes what `up` left, gives settings of the plugin and an inventory taken without the plugin.
"""

import contextlib
import os
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openstack
import yaml

from cpi.contract.values import JsonValue
from tests.support.command import ROOT, Compleat

STATE = Path(os.environ.get("OPENSTACK_STATE", "/var/tmp/openstack-test"))
CLOUDS_FILE = STATE / "clouds.yaml"
USER, OTHER_USER, THIRD_USER = "ostest", "ostest2", "ostest3"
FOURTH_USER, FIFTH_USER, SIXTH_USER, SEVENTH_USER = "ostest4", "ostest5", "ostest6", "ostest7"
"""Ordinary users with the role `member`, each in a project of that name: parallel tests have one each."""

NET = "172.29.64."
_CONNECTIONS: dict[str, openstack.connection.Connection] = {}
_PATIENCE_S = 60.0
HOST = f"{NET}1"
_MOVED = r"proxy-server: (\S+) \S+ \S+ (GET|PUT) /v1/AUTH_{project}/[^/ ]+/(sha256/[0-9a-f]+)\S* HTTP/\S+ 20[01] "


def settings(user: str = USER) -> Mapping[str, JsonValue]:
    """The plugin's, for an ordinary user."""
    return {"cloud": user, "clouds_file": str(CLOUDS_FILE), "image": "bookworm-tiny", "container": True}


def one_sector_settings(user: str = USER) -> Mapping[str, JsonValue]:
    """The same with the image `one-sector`: servers that no test reaches by SSH, and that need no processor time."""
    return {**settings(user), "image": "one-sector"}


@contextlib.contextmanager
def environment(user: str, name: str) -> Iterator[Compleat]:
    """An environment in a user's empty project."""
    assert held(user) == []
    with tempfile.TemporaryDirectory(prefix="compleat-") as home:
        own = Compleat(home=Path(home), environment=name, is_warm=True)
        _write_environment(own, user)
        yield own


def _write_environment(compleat: Compleat, user: str) -> None:
    """The files that ship for OpenStack, pointed at the test cloud; one machine compiles, as there are two cores.

    All services share these with the servers: a question that takes a tenth of a second elsewhere takes one here.
    """
    shipped = ROOT / "manifests/environments/openstack.yml"
    written = yaml.safe_load(shipped.read_text())
    cloud_config = yaml.safe_load((shipped.parent / written["cloud_config"]).read_text())
    cloud_config["compilation"]["workers"] = 1
    compleat.home.chmod(0o700)
    folder = compleat.home / "environments"
    folder.mkdir(mode=0o700)
    (folder / "cloud-config.yml").write_text(yaml.safe_dump(cloud_config))
    written |= {"name": compleat.environment, "properties": dict(settings(user)), "preflight_limit_s": 120}
    written["cloud_config"] = str(folder / "cloud-config.yml")
    file = folder / f"{compleat.environment}.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(written))


def password_settings() -> Mapping[str, JsonValue]:
    """The same login, as BOSH's CPI has it."""
    login = {"auth_url": f"http://{NET}2:5000/v3", "username": USER, "api_key": "openstack-test", "project": USER}
    return {**login, "region": "RegionOne", "image": "bookworm-tiny"}


def connect(user: str = USER) -> openstack.connection.Connection:
    """The SDK's own connection, for what a test does behind the plugin's back."""
    loader = openstack.config.OpenStackConfig(config_files=[str(CLOUDS_FILE)], load_envvars=False)
    return openstack.connection.Connection(config=loader.get_one(cloud=user))


@contextlib.contextmanager
def _asking(user: str) -> Iterator[openstack.connection.Connection]:
    """A user's connection; each login costs the services most of a second of processor time, so one is kept."""
    with sdk_unheard():
        if user not in _CONNECTIONS:
            _CONNECTIONS[user] = connect(user)
        yield _CONNECTIONS[user]


@contextlib.contextmanager
def flavor(name: str, *, ram_mib: int, disk_gib: int) -> Iterator[None]:
    """One more flavour with one processor, for all users."""
    with contextlib.closing(connect("osadmin")) as admin, sdk_unheard():
        made = admin.compute.create_flavor(name=name, vcpus=1, ram=ram_mib, disk=disk_gib, is_public=True)
        try:
            yield
        finally:
            admin.compute.delete_flavor(made)


def hang_up() -> None:
    """Close what is kept."""
    while _CONNECTIONS:
        _CONNECTIONS.popitem()[1].close()


@contextlib.contextmanager
def sdk_unheard() -> Iterator[None]:
    """The SDK's warnings about itself are not for us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def held(user: str = USER, *kinds: str) -> list[str]:
    """All that somebody made in the project, by the services' own lists; what is always there is left out.

    Of these kinds alone, where some are named.
    """
    with _asking(user) as connection:
        return sorted(_held(connection, kinds or tuple(_LISTS)))


def moved(user: str) -> list[str]:
    """Blobs that went into the project's Swift and out of it, by its own log: "PUT NAME" and "GET NAME".

    Only servers' GETs are among them.
    """
    with _asking(user) as connection:
        pattern = _MOVED.format(project=connection.current_project_id)
    log = (STATE / "log/services/swift-proxy.log").read_text(encoding="utf-8")
    return [f"{verb} {name}" for asker, verb, name in re.findall(pattern, log) if (asker == HOST) == (verb == "PUT")]


def await_no_servers(user: str) -> None:
    """Nova deletes in the background, and a test's servers have the owners of the last one's."""
    with _asking(user) as connection:
        end = time.monotonic() + _PATIENCE_S
        while list(connection.compute.servers(details=False)):
            assert time.monotonic() < end, "servers that do not go"
            time.sleep(0.3)


def await_no_volumes(user: str) -> None:
    """Cinder deletes in the background, too."""
    end = time.monotonic() + _PATIENCE_S
    while left := held(user, "snapshot", "volume"):
        assert time.monotonic() < end, f"volumes that do not go: {left}"
        time.sleep(0.3)


def await_empty(user: str) -> list[str]:
    """What is left when Nova and Cinder have done what they do in the background."""
    return await_only(user, [])


def await_only(user: str, kept: list[str]) -> list[str]:
    """The same, where these are to stay."""
    end = time.monotonic() + _PATIENCE_S
    while (left := held(user)) != kept and time.monotonic() < end:
        time.sleep(0.5)
    return left


def await_some(kind: str) -> None:
    """There is one of a kind in the first user's project."""
    end = time.monotonic() + _PATIENCE_S
    while not held(USER, kind):
        assert time.monotonic() < end, f"no {kind}"
        time.sleep(0.3)


def await_none(kind: str) -> list[str]:
    """What is left of a kind in the first user's project, when Nova and Cinder had time."""
    end = time.monotonic() + _PATIENCE_S
    while (left := held(USER, kind)) and time.monotonic() < end:
        time.sleep(0.5)
    return left


def volumes() -> list[tuple[int, str]]:
    """The size and type of each volume in the first user's project."""
    with _asking(USER) as connection:
        return [(one.size, one.volume_type) for one in connection.block_storage.volumes()]


def tags(user: str, word: str) -> Mapping[str, Mapping[str, str]]:
    """By kind and name, the tags of all whose name has a word in it, in each service's own form made one."""
    with _asking(user) as connection:
        return {f"{kind} {name}": found for kind, name, found in _tagged(connection) if word in name}


def lose_server(user: str, server: str) -> None:
    """Delete a server behind everybody's back."""
    with _asking(user) as connection:
        connection.compute.delete_server(server, force=False)
        connection.compute.wait_for_delete(connection.compute.get_server(server), interval=0.5, wait=60)


def make_port(*, network: str, description: str, group: str = "", name: str = "") -> None:
    """A port that no server has, named as its description where it is given no name."""
    groups = {"security_groups": [group]} if group else {}
    with _asking(USER) as connection:
        connection.network.create_port(network_id=network, description=description, name=name or description, **groups)


def _held(cloud: openstack.connection.Connection, kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        yield from (f"{kind} {line}" for line in _LISTS[kind](cloud))


def _named(things: Iterable[Any]) -> Iterator[str]:
    return (f"{one.id} {one.name}" for one in things)


def _images(cloud: Any) -> Iterator[str]:
    return _named(one for one in cloud.image.images() if one.owner_id == cloud.current_project_id)


def _groups(cloud: Any) -> Iterator[str]:
    groups = cloud.network.security_groups(project_id=cloud.current_project_id)
    return _named(one for one in groups if one.name != "default")


def _containers(cloud: Any) -> Iterator[str]:
    return (f"{one.name} of {one.count}" for one in cloud.object_store.containers())


_LISTS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    # Nova asks Neutron twice for each list with details.
    "server": lambda cloud: _named(cloud.compute.servers(details=False)),
    "key pair": lambda cloud: _named(cloud.compute.keypairs()),
    "volume": lambda cloud: _named(cloud.block_storage.volumes()),
    "snapshot": lambda cloud: _named(cloud.block_storage.snapshots()),
    "image": _images,
    "port": lambda cloud: _named(cloud.network.ports(project_id=cloud.current_project_id)),
    "router": lambda cloud: _named(cloud.network.routers(project_id=cloud.current_project_id)),
    "network": lambda cloud: _named(cloud.network.networks(project_id=cloud.current_project_id)),
    "subnet": lambda cloud: _named(cloud.network.subnets(project_id=cloud.current_project_id)),
    "floating address": lambda cloud: _named(cloud.network.ips(project_id=cloud.current_project_id)),
    "group": _groups,
    "container": _containers,
}
"""How each kind is listed."""


def _tagged(cloud: openstack.connection.Connection) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    project = cloud.current_project_id
    with_metadata: Mapping[str, Any] = {
        "server": cloud.compute.servers(),
        "volume": cloud.block_storage.volumes(),
        "snapshot": cloud.block_storage.snapshots(),
    }
    with_texts: Mapping[str, Any] = {
        "image": (one for one in cloud.image.images() if one.owner_id == project),
        "port": (one for one in cloud.network.ports(project_id=project) if not one.device_owner.startswith("network:")),
        "router": cloud.network.routers(project_id=project),
        "network": cloud.network.networks(project_id=project),
        "subnet": cloud.network.subnets(project_id=project),
        "group": cloud.network.security_groups(project_id=project),
        "address": cloud.network.ips(project_id=project),
    }
    for kind, things in with_metadata.items():
        yield from ((kind, one.name, one.metadata) for one in things)
    for kind, things in with_texts.items():
        for one in things:
            name = one.description if kind == "address" else one.name
            yield kind, name, dict(text.partition("=")[::2] for text in one.tags)
    containers: Any = cloud.object_store.containers()
    for one in containers:
        reported = cloud.object_store.get_container_metadata(one.name).metadata or {}
        yield "container", one.name, {key: str(value) for key, value in reported.items()}
