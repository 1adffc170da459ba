"""In a network of the operator's own on a real OpenStack: no landing zone, an instance with two named disks behind a
load balancer, reached straight and then through a private jumpbox. `down` leaves the operator's things.

The tests run in this order on one environment; the last takes it down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clouds.openstack import operator_things, place
from tests.clouds.openstack.operator_things import BALANCED, OwnNetwork
from tests.support.command import ROOT, Compleat
from tests.support.openstack.glance import Glance

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

USER = place.SIXTH_USER
PORT = 8080
RAW = ROOT / "tests/cases/named-disks"
_PATIENCE_S = 600.0
_SERVER = f"""setsid python3 -c '
import socket
server = socket.create_server(("0.0.0.0", {PORT}))
while True:
    connection = server.accept()[0]
    connection.sendall(socket.gethostname().encode() + b"\\n")
    connection.close()
' </dev/null >/dev/null 2>&1 &
until (exec 3<>/dev/tcp/127.0.0.1/{PORT}) 2>/dev/null; do sleep 0.2; done"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """An environment without a landing zone, and what the operator has."""

    compleat: Compleat
    network: OwnNetwork
    balancers: Glance
    bundle: Path
    theirs: list[str]
    """All in the project before compleat ran."""

    def up(self, access: str) -> None:
        file = self.compleat.home / "environments" / f"{self.compleat.environment}.yml"
        jumpbox = access if access == "none" else {"access": access, "vm_type": "plain"}  # no member of the pool
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "jumpbox": jumpbox}))
        self.compleat.run("up", "-n", "--bundle", str(self.bundle), timeout_s=_PATIENCE_S).ended()

    def row(self) -> Mapping[str, Any]:
        """The one instance."""
        (row,) = self.compleat.run("instances", "-d", "raw", "--json").ended().json["instances"]
        assert row["state"] == "running"
        found: Mapping[str, Any] = row
        return found

    def shell(self, command: str) -> str:
        return self.compleat.run("ssh", "-d", "raw", "raw/0", "-c", command, timeout_s=_PATIENCE_S).ended().out

    def jumpbox(self, command: str) -> str:
        return self.compleat.run("ssh", "jumpbox", "-c", command, timeout_s=_PATIENCE_S).ended().out

    def words(self, disk: str) -> str:
        """What is written on the disk's device."""
        return self.shell(f"head -c 4096 /var/vcap/instance/disks/{disk} | tr -d '\\0'")

    def members(self) -> list[tuple[str, int]]:
        """Of the pool, as Octavia lists them."""
        return [(one["address"], one["protocol_port"]) for one in self.balancers.octavia.members_of("web")]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """At the end nothing of it is left."""
    with (
        place.environment(USER, "own") as compleat,
        operator_things.load_balancers() as balancers,
        operator_things.own_network(USER) as network,
    ):
        balancers.octavia.add_pool("web")
        _write_environment(compleat, network)
        bundle = _write_bundle(tmp_path_factory.mktemp("bundle"))
        yield Own(compleat=compleat, network=network, balancers=balancers, bundle=bundle, theirs=place.held(USER))
        compleat.run("down", "-n", timeout_s=_PATIENCE_S)
        place.await_no_servers(USER)


def test_without_a_jumpbox_up_makes_the_instance_and_its_disks_alone(own: Own) -> None:
    own.up("none")
    made = [line.partition(" ")[0] for line in place.held(USER) if line not in own.theirs]
    assert sorted(made) == ["image", "port", "server", "volume", "volume"]
    row = own.row()
    assert sorted(row["named_disks"]) == ["data", "log"]
    assert sorted(":" in ip for ip in row["ips"]) == [False, True]
    assert (own.words("data"), own.words("log")) == (row["id"], "start\n")


def test_connections_reach_the_instance_behind_its_load_balancer_where_the_operator_lets_them_in(own: Own) -> None:
    ((address, port),) = own.members()
    assert (address in own.row()["ips"], port) == (True, PORT)
    own.shell(_SERVER)
    assert own.network.ask(address, port) == ""
    own.network.let_in(port)
    assert own.network.ask(address, port).startswith("raw-0")


def test_a_lost_server_s_successor_has_both_disks_and_its_place_in_the_pool(own: Own) -> None:
    """By now a private jumpbox leads to it."""
    before, members = own.row(), own.members()
    place.lose_server(USER, str(before["vm_cid"]))
    own.up("private")
    after = own.row()
    assert (after["id"], after["named_disks"]) == (before["id"], before["named_disks"])
    assert after["vm_cid"] != before["vm_cid"]
    assert (own.words("data"), own.words("log")) == (before["id"], "start\nstart\n")
    assert own.members() == members
    own.shell(_SERVER)
    assert own.network.ask(*members[0]).startswith("raw-0")


def test_the_jumpbox_has_no_public_address(own: Own) -> None:
    assert len(place.held(USER, "server")) == 2
    assert place.held(USER, "floating address") == []
    assert own.jumpbox("hostname").startswith("jumpbox-0")


def test_down_leaves_the_pool_without_members_and_the_operator_s_things_as_they_were(own: Own) -> None:
    own.compleat.run("down", "-n", timeout_s=_PATIENCE_S).ended()
    assert own.members() == []
    assert place.await_only(USER, own.theirs) == own.theirs


def _write_environment(compleat: Compleat, network: OwnNetwork) -> None:
    folder = compleat.home / "environments"
    subnet = {
        "range": operator_things.CIDR,
        "gateway": operator_things.GATEWAY,
        "azs": ["z1"],
        "reserved": ["10.40.0.2 - 10.40.0.9"],
        "cloud_properties": {"net_id": network.id, "security_groups": ["theirs"]},
    }
    six = {
        "range": operator_things.CIDR_6,
        "gateway": operator_things.GATEWAY_6,
        "azs": ["z1"],
        "reserved": ["fd00:40::2 - fd00:40::ff"],
        "cloud_properties": {"net_id": network.id},
    }
    balanced = {"instance_type": "m1.small", "loadbalancer_pools": [{"name": "web", "port": PORT}]}
    cloud_config = {
        "azs": [{"name": "z1"}],
        "networks": [
            {"name": "default", "type": "manual", "subnets": [subnet]},
            {"name": "default-v6", "type": "manual", "subnets": [six]},
        ],
        "vm_types": [
            {"name": "default", "cloud_properties": balanced},
            {"name": "plain", "cloud_properties": {"instance_type": "m1.small"}},
        ],
        "disk_types": [{"name": "small", "disk_size": 1024}],
        "compilation": {"workers": 1, "network": "default", "az": "z1", "vm_type": "plain"},
    }
    (folder / "cloud-config.yml").write_text(yaml.safe_dump(cloud_config))
    clouds = folder / "clouds.yaml"
    clouds.write_text(place.CLOUDS_FILE.read_text().replace("region_name: RegionOne", f"region_name: {BALANCED}"))
    file = folder / f"{compleat.environment}.yml"
    written = yaml.safe_load(file.read_text())
    properties = {**written["properties"], "clouds_file": str(clouds)}
    file.write_text(yaml.safe_dump({**written, "properties": properties, "networks": {}, "public_names": []}))


def _write_bundle(folder: Path) -> Path:
    manifest = yaml.safe_load((RAW / "manifest.yml").read_text().replace("((type))", "small"))
    manifest["releases"][0]["url"] = f"file://{RAW / 'release'}"
    manifest["instance_groups"][0]["networks"] = [
        {"name": "default", "nic_group": 1, "default": ["dns", "gateway"]},
        {"name": "default-v6", "nic_group": 1},
    ]
    (folder / "raw.yml").write_text(yaml.safe_dump(manifest))
    (folder / "index.yml").write_text(yaml.safe_dump({"name": "own", "deployments": [{"manifest": "raw.yml"}]}))
    return folder
