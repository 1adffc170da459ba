"""Servers as they are sent and read."""

import base64
import contextlib
import datetime
import json
from dataclasses import replace

import pytest

from cpi.clouds.openstack.machines import networks, root_volumes, vms
from cpi.clouds.openstack.machines.vms import ServerParts
from cpi.contract.errors import CloudError, NoCapacityError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings, VmState
from tests.unit.cpi import agents
from tests.unit.cpi.clouds.openstack.requests import KEY, OWNER, settings, vm_request

SIZES = ((512, 1, 4), (256, 1, 2), (4096, 2, 8))
FLAVORS = [{"id": str(n), "name": f"f{n}", "ram": r, "vcpus": c, "disk": d} for n, (r, c, d) in enumerate(SIZES)]


def _birth(**properties: JsonValue) -> tuple[dict[str, object], ServerParts]:
    request = vm_request(**properties)
    read = vms.read_vm_properties(request)
    parts = ServerParts(
        properties=read,
        root=root_volumes.read_root_volume(read, {"name": "f", "disk": 7}, settings(), name="web-0"),
        flavor="f",
        image="i",
        ports=("p",),
        networks=request.networks,
    )
    return dict(vms.write_server(request, parts, settings())), parts


def test_a_server_has_ports_owner_and_script_from_birth() -> None:
    server = _birth()[0]["server"]
    assert isinstance(server, dict)
    script = base64.b64decode(server.pop("user_data")).decode()
    metadata = server.pop("metadata")
    assert server == {"name": "web-0", "flavorRef": "f", "imageRef": "i", "networks": [{"port": "p"}]}
    assert script.startswith("#!/bin/sh\n")
    assert KEY in script
    assert metadata["job"] == "web"
    assert networks.read_networks(metadata) == vm_request().networks
    assert vms.owner_of({"metadata": metadata}) == OWNER


def test_a_root_disk_boots_from_a_volume_that_dies_with_the_server() -> None:
    server = _birth(root_disk={"size": 10})[0]["server"]
    assert isinstance(server, dict)
    assert "imageRef" not in server
    assert server["block_device_mapping_v2"] == [
        {
            "boot_index": 0,
            "source_type": "image",
            "uuid": "i",
            "destination_type": "volume",
            "delete_on_termination": True,
            "volume_size": 10,
        }
    ]


def test_zone_key_drive_and_hints_go_where_nova_has_them() -> None:
    body, _ = _birth(availability_zone="z", key_name="k", config_drive=True, scheduler_hints={"group": "g"})
    server = body["server"]
    assert isinstance(server, dict)
    assert (server["availability_zone"], server["key_name"], server["config_drive"]) == ("z", "k", True)
    assert body["os:scheduler_hints"] == {"group": "g"}


def test_a_vm_without_a_flavour_is_refused() -> None:
    with pytest.raises(CloudError) as missing:
        vms.read_vm_properties(replace(vm_request(), cloud_properties={}))
    assert missing.value.code == "instance-type-missing"


def test_a_tag_cannot_take_the_place_of_the_owner() -> None:
    with pytest.raises(CloudError) as caught:
        vms.write_tags({"compleat-action": "x"})
    assert caught.value.code == "tag-not-allowed"
    assert vms.write_tags({"compleat-instance": "x" * 300}) == {"compleat-instance": "x" * 255}


def test_the_smallest_flavour_that_fits_is_chosen() -> None:
    def chosen(cpu: int, ram_mib: int) -> str:
        return vms.smallest_flavor(FLAVORS, cpu=cpu, ram_mib=ram_mib, disk_mib=1024)

    assert [chosen(1, 256), chosen(1, 300), chosen(2, 1)] == ["f1", "f0", "f2"]
    with pytest.raises(NotSupportedError):
        chosen(8, 1)


def test_an_unknown_flavour_is_told_with_the_nearest() -> None:
    with pytest.raises(NotFoundError) as caught:
        vms.match_flavor("f22", FLAVORS)
    assert caught.value.code == "unknown-instance-type"
    assert caught.value.fix == "Write 'f2'."


@pytest.mark.parametrize(
    ("status", "task", "state"),
    [
        ("BUILD", "spawning", VmState.RUNNING),
        ("ACTIVE", None, VmState.RUNNING),
        ("ACTIVE", "powering-off", VmState.STOPPED),
        ("SHUTOFF", None, VmState.STOPPED),
        ("SHUTOFF", "powering-on", VmState.RUNNING),
        ("HARD_REBOOT", "rebooting_hard", VmState.RUNNING),
        ("ERROR", None, VmState.STOPPED),
    ],
)
def test_a_state_says_what_it_is_about_to_be(status: str, task: str | None, state: VmState) -> None:
    found = vms.read_vm(_reported(status, task))
    assert found is not None
    assert (found.state, found.owner, found.disk_cids, found.tags) == (state, OWNER, ("d",), {"job": "web"})


def test_a_server_on_its_way_out_or_of_others_is_none_of_ours() -> None:
    assert vms.read_vm(_reported("ACTIVE", "deleting")) is None
    assert vms.read_vm({**_reported("ACTIVE", None), "metadata": {"job": "web"}}) is None


def test_nova_s_own_reason_is_told() -> None:
    reported = {**_reported("ERROR", None), "fault": {"code": 500, "message": "No valid host was found."}}
    assert isinstance(vms.failure_of(reported), NoCapacityError)
    other = vms.failure_of({**reported, "fault": {"code": 500, "message": "Build of instance aborted"}})
    assert other is not None
    assert (other.code, "aborted" in other.why) == ("operation-failed", True)
    assert vms.failure_of(_reported("ACTIVE", None)) is None


def test_long_networks_are_cut_and_put_together() -> None:
    many = tuple(NetworkSettings(name=f"n{n}", kind=NetworkKind.MANUAL, ip=f"10.0.{n}.4") for n in range(9))
    written = networks.write_networks(many)
    assert len(written) > 1
    assert max(map(len, written.values())) <= 255
    assert networks.read_networks(written) == many


def _reported(status: str, task: str | None) -> dict[str, object]:
    metadata = _birth()[0]["server"]
    assert isinstance(metadata, dict)
    attached = [{"id": "root", "delete_on_termination": True}, {"id": "d", "delete_on_termination": False}]
    return {
        "id": "s",
        "name": "web-0",
        "status": status,
        "OS-EXT-STS:task_state": task,
        "metadata": metadata["metadata"],
        "os-extended-volumes:volumes_attached": attached,
    }


@pytest.mark.parametrize(("has_ephemeral", "use_dhcp"), [(True, True), (False, False)])
def test_a_bosh_agent_reads_its_settings_in_the_user_data(has_ephemeral: bool, use_dhcp: bool) -> None:
    plain = vm_request()
    dns = tuple(replace(each, dns=("10.0.0.2",)) if each.name == "default" else each for each in plain.networks)
    request = agents.with_agent(replace(plain, networks=dns))
    mac = "fa:16:3e:00:00:01"
    parts = replace(_birth()[1], macs={"default": mac}, has_ephemeral=has_ephemeral)
    server = vms.write_server(request, parts, settings(use_dhcp=use_dhcp))["server"]
    assert json.loads(base64.b64decode(server["user_data"])) == {
        **agents.settings(
            {"system": "/dev/sda", "ephemeral": "/dev/sdb" if has_ephemeral else None}, use_dhcp=use_dhcp, mac=mac
        ),
        "server": {"name": "web-0"},
        "dns": {"nameserver": ["10.0.0.2"]},
    }


def test_each_card_has_the_mac_of_its_own_port_whichever_network_was_written_first() -> None:
    other = NetworkSettings(name="other", kind=NetworkKind.MANUAL, ip="10.1.0.10", prefix=16)
    request = replace(vm_request(), networks=(other, *vm_request().networks))
    ports = [{"mac_address": "fa:16:3e:00:00:01"}, {"mac_address": "fa:16:3e:00:00:02"}]
    assert networks.macs_of(request, ports) == {"default": "fa:16:3e:00:00:01", "other": "fa:16:3e:00:00:02"}


@pytest.mark.parametrize(
    ("image", "status", "age_s", "waits"),
    [
        ("", "BUILD", 10.0, True),
        ("", "BUILD", 1000.0, False),
        ("", "ACTIVE", 10.0, False),
        ({"id": "i"}, "BUILD", 10.0, False),
    ],
)
def test_a_server_that_is_being_built_on_a_volume_is_not_deleted_yet(
    image: object, status: str, age_s: float, waits: bool
) -> None:
    reported = {"id": "s", "image": image, "status": status, "created": "2026-01-02T03:04:05Z"}
    born_s = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC).timestamp()
    with pytest.raises(TransientError) if waits else contextlib.nullcontext():
        vms.require_root(reported, now_s=born_s + age_s)
