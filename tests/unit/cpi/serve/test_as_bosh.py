"""Calls in which a director of BOSH expects what BOSH's own CPIs do, and no more than that is a failure."""

import json
from collections.abc import Mapping

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import NoCapacityError
from cpi.contract.protocol import failures
from cpi.contract.values import JsonValue
from cpi.serve import server
from cpi.serve.server import ServedPlugin

SIZE: Mapping[str, JsonValue] = {"cpu": 2, "ram": 8192, "ephemeral_disk_size": 4096}


class _Given:
    """A plugin with one cloud."""

    name = "memory"

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(self._cloud)


def _ask(cloud: MemoryCloud, method: str, *arguments: JsonValue) -> tuple[JsonValue, str]:
    """The result, and the type of the error, "" without one."""
    service = ServedPlugin(plugin="memory", find=lambda _: _Given(cloud))
    request = {"method": method, "arguments": list(arguments), "context": {}, "api_version": 2}
    answer = json.loads(server.answer(service, json.dumps(request).encode()))
    return answer["result"], (answer["error"] or {"type": ""})["type"].removeprefix("Bosh::Clouds::")


@pytest.mark.parametrize("change", [{}, {"cpu": "2", "ram": "8192", "ephemeral_disk_size": "4096"}, {"ram": 8192.0}])
def test_a_size_is_calculated_of_numbers_and_of_their_text(change: Mapping[str, JsonValue]) -> None:
    asked = {**SIZE, **change}
    assert _ask(MemoryCloud(), "calculate_vm_cloud_properties", asked) == ({"instance_type": "medium"}, "")


@pytest.mark.parametrize("change", [{"cpu": "two"}, {"ram": 8192.5}, {"ram": True}, {"cpu": None}, {"cpu": "1024"}])
def test_a_size_that_is_none_or_that_there_is_not_is_an_error_and_not_a_missing_method(
    change: Mapping[str, JsonValue],
) -> None:
    asked = {**SIZE, **change}
    assert _ask(MemoryCloud(), "calculate_vm_cloud_properties", asked) == (None, "CloudError")


def test_too_many_tags_are_told_in_the_log_alone(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = MemoryCloud(Rules(max_tags=3))
    disk, _ = _ask(cloud, "create_disk", 1024, {})
    tags: dict[str, JsonValue] = {f"t{number}": "x" for number in range(4)}
    assert _ask(cloud, "set_disk_metadata", disk, tags) == (None, "")
    assert "too-many-tags: 4 tags exceed the 3" in capsys.readouterr().err
    assert cloud.inventory().disks[0].tags == {}
    assert _ask(cloud, "set_disk_metadata", disk, {"a\nb": "x"}) == (None, "CloudError")


def test_tags_of_a_stemcell_are_put_on_it() -> None:
    cloud = MemoryCloud()
    cid, _ = _ask(cloud, "create_stemcell", "/dev/null", {"image": "default"}, {"tags": {"any": "value", "n": 5}})
    assert cloud.labels()[str(cid)] == {"any": "value", "n": "5"}


def test_only_disks_lack_disk_space() -> None:
    full = NoCapacityError("quota", "Full.")
    types = {method: failures.write_failure(full, method).type for method in ("create_disk", "resize_disk", "has_vm")}
    assert types == {
        "create_disk": "Bosh::Clouds::NoDiskSpace",
        "resize_disk": "Bosh::Clouds::NoDiskSpace",
        "has_vm": "Bosh::Clouds::CloudError",
    }


FOUR: Mapping[str, JsonValue] = {"type": "manual", "ip": "10.9.0.10", "netmask": "255.255.255.0"}
SIX: Mapping[str, JsonValue] = {"type": "manual", "ip": "2600:1f18::10", "prefix": "128"}
WHOLE: Mapping[str, JsonValue] = {**SIX, "netmask": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}


@pytest.mark.parametrize(
    "sent",
    [
        {"a": FOUR, "b": SIX},
        {"b": WHOLE},
        {"a": {**FOUR, "nic_group": "1"}, "b": {**FOUR, "ip": "10.9.0.11", "nic_group": "1"}},
    ],
    ids=["IPv6 beside IPv4", "IPv6 with a netmask", "two networks on one card"],
)
def test_networks_that_no_plugin_makes_are_refused_in_words(sent: Mapping[str, JsonValue]) -> None:
    env: Mapping[str, JsonValue] = {"bosh": {"authorized_keys": ["k"]}}
    assert _ask(MemoryCloud(), "create_vm", "agent", "s", {}, sent, [], env) == (None, "NotSupported")
