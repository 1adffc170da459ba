"""What the real Azure answered, read by our readers. The recordings are optional data beside the project."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import disks, networks, vms
from cpi.clouds.azure.preflight import capacity
from cpi.clouds.azure.wire import names, refusals
from cpi.contract.errors import CloudError, Retry
from cpi.contract.values import QUOTA_LEFT, VmState

FOLDER = Path(__file__).parents[6] / "shared/clouds/azure-recordings"
ERRORS: list[dict[str, Any]] = json.loads((FOLDER / "errors.json").read_text())["errors"] if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not beside the project")


def _bodies(kind: str) -> Iterator[dict[str, Any]]:
    """Every resource of a type that Azure gave as a whole answer."""
    found = 0
    for file in sorted(FOLDER.glob("*-*.json")):
        for exchange in json.loads(file.read_text()).get("exchanges", []):
            body = exchange["response"].get("body")
            if isinstance(body, dict) and body.get("type") == kind:
                found += 1
                yield body
    assert found, f"no {kind} was recorded"


@pytest.mark.parametrize("recorded", ERRORS, ids=lambda one: str(one["code"])[:60])
def test_an_error_is_explained_with_azures_own_words(recorded: dict[str, Any]) -> None:
    answer = recorded["response"]
    refusal = refusals.read_refusal(answer["status"], answer.get("body"), answer.get("headers", {}))
    error = refusals.explain(refusal, "PUT x")
    assert refusal.message[:60] in error.why
    if refusal.code in ("PrincipalNotFound", "RetryableError", "AnotherOperationInProgress"):
        assert error.retry is Retry.SAFE
    if answer["status"] == 404:
        assert error.retry is Retry.NEVER


def test_vms_of_others_are_left_alone_and_their_parts_are_read() -> None:
    for vm in _bodies(names.VM):
        assert vms.read_found(vm, ()) is None
        assert vms.read_state(vm) in (VmState.RUNNING, VmState.STOPPED)
        listed = vm["properties"]["storageProfile"].get("dataDisks", [])
        assert len(vms.read_disks(vm)) == len(listed)
        if all("id" in disk.get("managedDisk", {}) for disk in listed):  # others were not attached: we only attach
            assert [disk["lun"] for disk in vms.render_data_disks(vm)] == [disk["lun"] for disk in listed]
        assert len(vms.read_nic_ids(vm)) == len(vm["properties"].get("networkProfile", {}).get("networkInterfaces", []))


def test_disks_of_others_are_left_alone_and_their_sizes_are_read() -> None:
    for disk in _bodies(names.DISK):
        assert disks.read_found(disk) is None
        if "diskSizeGB" in disk["properties"]:
            assert disks.read_size_mib(disk) == disk["properties"]["diskSizeGB"] << 10
        source = disk["properties"].get("creationData", {}).get("createOption")
        assert disks.is_persistent(disk) is (source not in ("FromImage", "Upload"))
        assert names.has_failed(disk) is False


def test_snapshots_interfaces_and_addresses_are_read() -> None:
    assert all(disks.read_snapshot(one) is None for one in _bodies(names.SNAPSHOT))
    for nic in _bodies(names.NIC):
        all_ = [one["properties"] for one in nic["properties"]["ipConfigurations"]]
        first = next(one for one in all_ if one["primary"])
        assert [(place, one.ip) for place, one in networks.read_nic(nic)] == [(0, a["privateIPAddress"]) for a in all_]
        assert networks.read_ip(nic) == first["privateIPAddress"]
        assert networks.read_public_id(nic) == (first.get("publicIPAddress") or {}).get("id", "")
    for address in _bodies(names.ADDRESS):
        assert landing_bodies.read_found(landing_bodies.ADDRESS, address) is None
        marked = {**address, "tags": {"compleat-environment": "e", "compleat-deployment": "", "compleat-action": "a"}}
        found = landing_bodies.read_found(landing_bodies.ADDRESS, marked)
        assert found is not None
        reported = landing_bodies.outputs(landing_bodies.ADDRESS, found.answer)
        assert reported[f"{address['name']}_public_ip"] == address["properties"].get("ipAddress", "")


def test_networks_and_their_subnets_are_read() -> None:
    for network in _bodies(names.NETWORK):
        assert landing_bodies.read_subnets(network) == []
        for subnet in network["properties"].get("subnets", []):
            assert networks.read_prefix(subnet) > 0


def test_usages_are_read() -> None:
    (exchange,) = json.loads((FOLDER / "usage-network.json").read_text())["exchanges"]
    usages = exchange["response"]["body"]["value"]
    assert {one.code for one in capacity.check_addresses(["one"], usages=usages, region="r")} == {QUOTA_LEFT}
    found = capacity.check_addresses(["one"] * 100_000, usages=usages, region="r")
    assert {one.quota.name for one in found if one.quota} == capacity.NETWORK_NAMES


def test_an_image_of_the_marketplace_is_read() -> None:
    (exchange,) = json.loads((FOLDER / "vm-images-catalogue.json").read_text())["exchanges"]
    assert exchange["response"]["body"]["properties"]["osDiskImage"]["operatingSystem"] == "Linux"
    assert stemcells.read_architecture(exchange["response"]["body"]) == "x86_64"


def test_there_are_as_many_errors_as_the_page_says() -> None:
    assert len(ERRORS) == 61
    assert all(issubclass(type(_explained(one)), CloudError) for one in ERRORS)


def _explained(recorded: dict[str, Any]) -> CloudError:
    answer = recorded["response"]
    return refusals.explain(refusals.read_refusal(answer["status"], answer.get("body"), {}), "PUT x")
