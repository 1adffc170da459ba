"""What a cloud refuses of a plan has the place of the document in every command that asks clouds."""

import json
from pathlib import Path

import pytest

from tests.support.command import Compleat

_CONFIG = """\
azs: [{name: z1}]
networks:
- name: default
  type: manual
  subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, az: z1, cloud_properties: {name: default}}]
vm_types:
- {name: small, cloud_properties: {instance_type: huge}}
- {name: medium, cloud_properties: {instance_type: small}}
compilation: {workers: 1, network: default, az: z1, vm_type: medium}
"""
_MANIFEST = """\
name: app
releases: []
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1000, update_watch_time: 1000}
instance_groups:
- {name: web, instances: 1, azs: [z1], stemcell: s, vm_type: small, jobs: [], networks: [{name: default}]}
- {name: db, instances: 2, azs: [z1], stemcell: s, vm_resources: {cpu: 1, ram: 1, ephemeral_disk_size: 1}, jobs: [],
   networks: [{name: default}]}
"""
_KEY = f"ssh-ed25519 {'A' * 68} ops"
_FILES = {
    "home/environments/lab.yml": "name: lab\ncloud: memory\ncloud_config: cloud.yml\njumpbox: none\nnetworks: {}\n"
    "properties: {max_vms: 1, networks: {default: 10.0.0.0/16}}\n",
    "home/environments/cloud.yml": _CONFIG,
    "app.yml": _MANIFEST,
    "bundle/app.yml": _MANIFEST,
    "bundle/index.yml": "name: b\ndeployments: [{manifest: app.yml}]\n",
}


@pytest.fixture
def lab(tmp_path: Path) -> Compleat:
    for name, text in _FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return Compleat(home=tmp_path / "home", environment="lab", is_warm=True)


def _refused(lab: Compleat, *words: str) -> dict[str, str]:
    answer = lab.run(*words, "--json", cwd=lab.home.parent).ended(3).json
    errors = [one for one in answer.get("findings", ()) if one["forbids"] == "yes"] or answer["errors"]
    return {error["code"]: error["where"].rpartition("/")[2] for error in errors}


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "app.yml"),
        ("doctor", "app.yml"),
        ("plan", "--bundle", "bundle"),
        ("doctor", "--bundle", "bundle"),
        ("up", "--bundle", "bundle", "-n"),
    ],
    ids=" ".join,
)
def test_a_size_and_a_quota_have_the_place_of_the_size(lab: Compleat, words: tuple[str, ...]) -> None:
    assert _refused(lab, *words) == {
        "unknown-instance-type": "cloud.yml:7:36",
        "quota-exceeded": "cloud.yml:7:36",
    }


def test_a_quota_of_vms_without_a_written_size_has_the_place_of_their_group(lab: Compleat, tmp_path: Path) -> None:
    lines = _MANIFEST.splitlines(keepends=True)
    (tmp_path / "app.yml").write_text("".join(lines[:5] + lines[6:]))
    text = _CONFIG.replace("instance_type: small", "instance_type: large")
    (tmp_path / "home/environments/cloud.yml").write_text(text)
    assert _refused(lab, "plan", "app.yml") == {"quota-exceeded": "app.yml:6:3"}


def test_a_setting_of_the_cloud_has_its_own_place(lab: Compleat, tmp_path: Path) -> None:
    file = tmp_path / "home/environments/lab.yml"
    file.write_text("name: lab\ncloud: aws\nproperties:\n  region: eu-west-1\n  role_session_name: a b\n")
    assert _refused(lab, "doctor") == {"cloud-config-invalid": "lab.yml:5:3"}


def test_what_a_template_cannot_have_has_its_place_in_the_template(lab: Compleat, tmp_path: Path) -> None:
    machine = {
        "hardwareProfile": {"vmSize": "Standard_D64s_v3"},
        "osProfile": {"adminUsername": "ops", "linuxConfiguration": {"ssh": {"publicKeys": [{"keyData": _KEY}]}}},
        "storageProfile": {"imageReference": {"publisher": "Canonical", "offer": "jammy", "sku": "22_04"}},
        "networkProfile": {"networkInterfaces": [{"id": "[resourceId('Microsoft.Network/networkInterfaces', 'nic')]"}]},
    }
    subnet = {"name": "a", "properties": {"addressPrefix": "10.9.1.0/24"}}
    of_nic = {"subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'a')]"}}
    bodies = {
        "Microsoft.Network/virtualNetworks/net": {
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
            "subnets": [subnet],
        },
        "Microsoft.Network/networkInterfaces/nic": {"ipConfigurations": [{"name": "c", "properties": of_nic}]},
        "Microsoft.Compute/virtualMachines/vm": machine,
    }
    lines = [
        json.dumps(
            {
                "type": key.rpartition("/")[0],
                "name": key.rpartition("/")[2],
                "apiVersion": "2023-04-01",
                "properties": body,
            }
        )
        for key, body in bodies.items()
    ]
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    head = f'{{"$schema": "{schema}", "contentVersion": "1.0.0.0", "resources": [\n'
    (tmp_path / "t.json").write_text(head + ",\n".join(lines) + "\n]}\n")
    assert _refused(lab, "plan", "t.json") == {
        "vm-size-missing": "t.json:4:1",
        "managed-network-unsupported": "t.json:2:1",
    }
