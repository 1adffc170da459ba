"""An environment in networks of the operator's own: no landing zone is made, and they are left as they are."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.public_configs import test_on_aws
from tests.support import public_cloud_configs
from tests.support.aws import back, shared
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.command import Compleat
from tests.support.planted_files import ENVIRONMENT

CONFIG = next((one for one in test_on_aws.CONFIGS if one.name == "aws/bosh-deployment.yml"), None)


@pytest.mark.skipif(CONFIG is None, reason="the folder of public cloud configs is not beside the project")
def test_without_a_jumpbox_up_makes_a_stemcell_at_most_and_down_leaves_the_operators_things(tmp_path: Path) -> None:
    assert CONFIG is not None
    emulator = shared.fresh_emulator()
    test_on_aws.plant(CONFIG)
    before = {one.id for one in emulator.inventory()}, len(back.subnets()), len(back.security_groups())
    settings = emulator.settings(default_security_groups=["bosh"], bucket=False)
    manifest = public_cloud_configs.write_environment(tmp_path, CONFIG, "aws", settings)
    compleat = Compleat(home=tmp_path, environment=ENVIRONMENT)
    ahead = compleat.run("plan", str(manifest), "--json").ended()
    compleat.run("up", "-n", "--bundle", str(_bundle_without_vms(tmp_path, manifest))).ended()
    made = {one.kind for one in emulator.inventory() if one.id not in before[0]}
    assert made <= {"launch-template"}
    assert "create_vm" in ahead.out
    compleat.run("down", "-n").ended()
    assert ({one.id for one in emulator.inventory()}, len(back.subnets()), len(back.security_groups())) == before


THEIRS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs"
GUARD = {"name": "guard", "resource_group_name": "theirs"}
SUBNET = {
    "range": "10.30.0.0/24",
    "gateway": "10.30.0.1",
    "azs": ["z1"],
    "reserved": ["10.30.0.1 - 10.30.0.3"],
    "cloud_properties": {
        "virtual_network_name": "own",
        "subnet_name": "one",
        "resource_group_name": "theirs",
        "security_group": GUARD,
    },
}
CLOUD_CONFIG = {
    "azs": [{"name": "z1"}],
    "networks": [{"name": "default", "type": "manual", "subnets": [SUBNET]}],
    "vm_types": [{"name": "default", "cloud_properties": {"instance_type": "Standard_B1s"}}],
    "compilation": {"workers": 1, "network": "default", "az": "z1", "vm_type": "default"},
}
MANIFEST = {
    "name": "web",
    "releases": [],
    "stemcells": [{"alias": "default", "os": "linux", "version": "latest"}],
    "update": {"canaries": 1, "max_in_flight": 1, "canary_watch_time": "1-1000", "update_watch_time": "1-1000"},
    "instance_groups": [
        {
            "name": "web",
            "instances": 1,
            "azs": ["z1"],
            "jobs": [],
            "stemcell": "default",
            "vm_type": "default",
            "networks": [{"name": "default"}],
        }
    ],
}


@pytest.mark.parametrize("access", ["private", "none"])
def test_on_azure_up_makes_the_resource_group_alone_and_down_leaves_what_is_in_others(
    access: str, tmp_path: Path
) -> None:
    with azure_stand_in(tmp_path) as azure:
        _plant(azure)
        before = azure.place.store.inventory()
        manifest = _environment(tmp_path, azure, access)
        compleat = Compleat(home=tmp_path, environment=ENVIRONMENT)
        ahead = compleat.run("plan", str(manifest), "--json").ended()
        assert (ahead.code, "create_vm" in ahead.out) == (0, True)
        assert azure.place.store.inventory() == before
        bundle = _bundle_without_vms(tmp_path, manifest)
        if access == "none":  # a jumpbox is a VM, which answers on no stand-in without bodies
            assert compleat.run("up", "-n", "--bundle", str(bundle)).ended().code == 0
            made = {str(one["id"]).lower() for one in azure.place.store.inventory() if one not in before}
            group = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/compleat-{ENVIRONMENT}"
            assert group in made and not [one for one in made if not one.startswith(group)]
            assert not [one for one in made if "microsoft.network" in one or "microsoft.storage" in one]
            assert compleat.run("down", "-n").ended().code == 0
            assert azure.place.store.inventory() == before


def test_on_azure_a_security_group_without_a_way_in_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with azure_stand_in(tmp_path) as azure:
        _plant(azure, closed=True)
        before = azure.place.store.inventory()
        manifest = _environment(tmp_path, azure, "none")
        refused = Compleat(home=tmp_path, environment=ENVIRONMENT).run("doctor", str(manifest)).ended(3)
        assert "ssh-port-closed" in refused.out + refused.err
        assert azure.place.store.inventory() == before


def _plant(azure: StandIn, *, closed: bool = False) -> None:
    """What the operator has: a group with a virtual network and a security group."""
    network = f"{THEIRS}/providers/Microsoft.Network"
    nobody = {"direction": "Inbound", "access": "Deny", "protocol": "*", "priority": 100, "sourceAddressPrefix": "*"}
    rule = {"name": "nobody", "properties": {**nobody, "destinationPortRange": "*"}}
    rules: dict[str, Any] = {"securityRules": [rule] if closed else []}
    for path, kind, properties in (
        (THEIRS, "Microsoft.Resources/resourceGroups", {}),
        (f"{network}/networkSecurityGroups/guard", "Microsoft.Network/networkSecurityGroups", rules),
        (
            f"{network}/virtualNetworks/own",
            "Microsoft.Network/virtualNetworks",
            {"addressSpace": {"addressPrefixes": ["10.30.0.0/16"]}},
        ),
        (
            f"{network}/virtualNetworks/own/subnets/one",
            "Microsoft.Network/virtualNetworks/subnets",
            {"addressPrefix": "10.30.0.0/24"},
        ),
    ):
        about = {"id": path, "name": path.rpartition("/")[2], "type": kind, "location": "westeurope", "tags": {}}
        azure.place.store.put(
            Held(id=path, body={**about, "properties": {**properties, "provisioningState": "Succeeded"}})
        )


def _environment(folder: Path, azure: StandIn, access: str) -> Path:
    file = {
        "name": ENVIRONMENT,
        "cloud": "azure",
        "properties": azure.settings(),
        "cloud_config": str(folder / "cloud-config.yml"),
        "networks": {},
        "public_names": [],
        "jumpbox": access,
        "preflight_limit_s": 200,
    }
    (folder / "cloud-config.yml").write_text(yaml.safe_dump(CLOUD_CONFIG))
    (folder / "environments").mkdir()
    path = folder / "environments" / f"{ENVIRONMENT}.yml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(file))
    manifest = folder / "web.yml"
    manifest.write_text(yaml.safe_dump(MANIFEST))
    return manifest


def _bundle_without_vms(folder: Path, manifest: Path) -> Path:
    bundle = folder / "bundle"
    bundle.mkdir()
    (bundle / "index.yml").write_text("name: small\ndeployments: [{manifest: none.yml}]\n")
    (bundle / "none.yml").write_text(manifest.read_text().replace("instances: 1", "instances: 0"))
    return bundle
