"""Public cloud configs for Azure as they are, in a subscription that has what they name: all findings are remarks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.wire import names
from tests.support import public_cloud_configs
from tests.support.azure import kinds
from tests.support.azure.catalogue import Size
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.public_cloud_configs import PublicCloudConfig

CONFIGS = public_cloud_configs.read_all("azure")
GROUP = "bosh"
WRONG = {
    # Without `reserved` BOSH's director gives addresses that Azure keeps for itself.
    "azure/docs.yml": {"address-reserved"},
    # The VM would be in a group of another name than the environment's.
    "azure/bbl-cf-lite-azure.yml": {"property-not-supported"},
}
"""What the documents themselves have wrong, or Azure's plugin does not do: nothing else of them is refused."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONFIGS, reason="the folder of public cloud configs is not beside the project"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=[config.name for config in CONFIGS])
def test_a_public_cloud_config_passes_as_it_is(config: PublicCloudConfig, tmp_path: Path) -> None:
    with azure_stand_in(tmp_path) as azure:
        _plant(azure, config)
        settings = azure.settings(resource_group_name=GROUP, has_storage_account=False)
        manifest = public_cloud_configs.write_environment(tmp_path, config, "azure", settings)
        found = public_cloud_configs.findings(tmp_path, manifest)
    assert {one.code for one in found if one.is_fatal} == WRONG.get(config.name, set())


def _plant(azure: StandIn, config: PublicCloudConfig) -> None:
    """What its operator has made: a group with networks, security groups and load balancers; every size is offered."""
    root = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    _hold(azure, root, "Microsoft.Resources/resourceGroups")
    wide = sorted({str(subnet["range"]) for subnet in config.subnets()})
    for subnet in config.subnets():
        about = subnet["cloud_properties"]
        path = f"{root}/providers/{names.NETWORK}/{about['virtual_network_name']}"
        _hold(azure, path, names.NETWORK, addressSpace={"addressPrefixes": wide})
        inner = f"{path}/subnets/{about['subnet_name']}"
        _hold(azure, inner, f"{names.NETWORK}/subnets", addressPrefix=str(subnet["range"]))
    azure.place.region.limits = dict.fromkeys(azure.place.region.limits, 100_000)
    for kind, name in _named(config):
        path = f"{root}/providers/{kind}/{name}"
        pools = [{"name": "first", "id": f"{path}/backendAddressPools/first"}]
        _hold(azure, path, kind, securityRules=[], backendAddressPools=pools)
    for one in config.properties("vm_types"):
        size = str(one.get("instance_type", "Standard_B2s"))
        azure.place.region.sizes.setdefault(size, Size(family="standardDSv5Family", cpus=2, memory_gib=8, max_disks=16))


def _named(config: PublicCloudConfig) -> Iterator[tuple[str, str]]:
    written = [subnet["cloud_properties"] for subnet in config.subnets()]
    written += config.properties("vm_types", "vm_extensions")
    for key, kind in (
        ("security_group", names.GROUP),
        ("load_balancer", names.BALANCER),
        ("application_gateway", names.GATEWAY),
    ):
        for name in sorted({str(one[key]) for one in written if key in one}):
            yield kind, name


def _hold(azure: StandIn, path: str, kind: str, **properties: Any) -> None:
    assert kind.lower() in kinds.KINDS or kind.startswith("Microsoft.Resources")
    about = {"id": path, "name": path.rpartition("/")[2], "type": kind, "location": "westeurope", "tags": {}}
    body = {**about, "properties": {**properties, "provisioningState": "Succeeded"}}
    azure.place.store.put(Held(id=path, body=body))
