"""Resources of a template as documents: each property acted on, remarked or refused, with its place."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cpi.contract.landing_parts import JoinedParts, SecurityGroupSpec, SecurityRuleSpec
from director import errors
from director.errors import InputError
from director.resolve.templates import documents, front, property_table
from director.resolve.templates.request import StepKind, Translation, TranslationRequest
from tests.support.arm_resources import Tree, resource, resources_of, template

_HELLO = {"manifest": {"name": "hello"}}


def _translate(tree: Tree, **known: Any) -> Translation:
    values: dict[str, Any] = {"azs": ("z1", "z2"), "dns": ("10.0.0.2",), **known}
    return front.translate(TranslationRequest(name="app", resources=resources_of(tree), **values))


def _changed(change: Callable[[Tree], None], **known: Any) -> Translation:
    return _translate(template(change), **known)


def _problems(change: Callable[[Tree], None], **known: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        _changed(change, **known)
    return [(each.code, each.what) for each in errors.each_problem(caught.value)]


def _group(translation: Translation) -> Mapping[str, Any]:
    assert translation.manifest is not None
    groups: Any = translation.manifest["instance_groups"]
    assert len(groups) == 1
    found: Mapping[str, Any] = groups[0]
    return found


def test_a_vm_is_an_instance_group_on_a_managed_network_of_its_subnet() -> None:
    translation = _translate(template())
    assert _group(translation) == {
        "name": "web",
        "instances": 1,
        "azs": ["z1"],
        "stemcell": "linux",
        "vm_resources": {"cpu": 2, "ram": 4096, "ephemeral_disk_size": 10240},
        "networks": [
            {"name": "net-inner", "default": ["dns", "gateway"], "static_ips": ["172.30.1.9"]},
            {"name": "app.public", "static_ips": ["((ip_public_ip))"]},
        ],
        "jobs": [],
    }
    subnet = {
        "name": "subnet",
        "range": "172.30.1.0/24",
        "gateway": "172.30.1.1",
        "azs": ["z1"],
        "reserved": ["172.30.1.2", "172.30.1.3"],
        "static": ["172.30.1.9"],
        "dns": ["10.0.0.2"],
    }
    assert translation.cloud_config["networks"] == [
        {"name": "net-inner", "type": "manual", "managed": True, "subnets": [subnet]},
        {"name": "app.public", "type": "vip"},
    ]
    assert translation.public_names == ("ip",)
    assert [step.kind for step in translation.steps] == [StepKind.OWN]


def test_where_the_cloud_has_the_sizes_of_templates_the_vm_has_that_size() -> None:
    translation = _translate(template(), has_arm_sizes=True)
    assert _group(translation)["vm_type"] == "app.Standard_B2s"
    assert translation.cloud_config["vm_types"] == [
        {"name": "app.Standard_B2s", "cloud_properties": {"instance_type": "Standard_B2s"}}
    ]
    assert translation.remarks == ()
    assert [each.code for each in _translate(template()).remarks] == ["template-size-matched"]


def test_zones_tags_images_and_disks_are_acted_on() -> None:
    def change(tree: Tree) -> None:
        properties = tree["web"]["properties"]
        tree["web"] |= {"zones": ["2"], "tags": {"role": "front"}}
        tree["disk"] = resource(
            "Microsoft.Compute/disks", "disk", {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
        )
        attached = {"id": "[resourceId('Microsoft.Compute/disks', 'disk')]"}
        properties["storageProfile"] = {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu",
                "sku": "22_04-lts-gen2",
                "version": "latest",
            },
            "osDisk": {"createOption": "FromImage"},
            "dataDisks": [
                {"lun": 0, "createOption": "Empty", "diskSizeGB": 2},
                {"lun": 1, "createOption": "Attach", "managedDisk": attached},
            ],
        }

    translation = _changed(change)
    group = _group(translation)
    assert (group["azs"], group["tags"], group["stemcell"]) == (["z2"], {"role": "front"}, "ubuntu-jammy")
    assert group["persistent_disks"] == [{"name": "lun0", "type": "app.2048"}, {"name": "disk", "type": "app.4096"}]
    assert translation.cloud_config["disk_types"] == [
        {"name": "app.2048", "disk_size": 2048},
        {"name": "app.4096", "disk_size": 4096},
    ]


_RULE = {
    "name": "ssh",
    "properties": {
        "priority": 100,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "destinationPortRange": "22",
        "destinationAddressPrefix": "virtualnetwork",
        "sourceAddressPrefixes": ["10.1.0.0/16", "internet"],
        "sourcePortRange": "*",
    },
}


def _with_group(tree: Tree) -> None:
    tree["guard"] = resource("Microsoft.Network/networkSecurityGroups", "guard", {"securityRules": [_RULE]})
    group = {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'guard')]"}
    tree["nic"]["properties"]["networkSecurityGroup"] = group


def test_a_security_group_is_one_of_the_landing_zone_that_the_vm_joins() -> None:
    translation = _changed(_with_group)
    rule = SecurityRuleSpec(
        name="ssh",
        priority=100,
        direction="inbound",
        access="allow",
        protocol="tcp",
        ports=("22",),
        sources=("10.1.0.0/16", "Internet"),
        destinations=("VirtualNetwork",),
    )
    assert translation.parts.security_groups == (SecurityGroupSpec(name="guard", rules=(rule,)),)
    (vm,) = translation.groups
    wanted = JoinedParts(network="managed.net-inner.subnet", security_group="guard", has_public_address=True)
    assert vm.joined == wanted
    assert translation.part_places["security_groups", "guard", "rules", "ssh"].where.startswith("t.json:")


def test_cloud_properties_of_joined_parts_are_a_vm_extension() -> None:
    translation = documents.with_extensions(_changed(_with_group), {"web": {"security_groups": ["x"]}})
    assert _group(translation)["vm_extensions"] == ["app.web"]
    assert translation.cloud_config["vm_extensions"] == [
        {"name": "app.web", "cloud_properties": {"security_groups": ["x"]}}
    ]
    assert "vm_extensions" not in documents.with_extensions(_changed(_with_group), {"web": {}}).cloud_config


def test_a_vm_has_one_security_group() -> None:
    def change(tree: Tree) -> None:
        _with_group(tree)
        tree["other"] = resource("Microsoft.Network/networkSecurityGroups", "other", {})
        group = {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'other')]"}
        tree["net"]["properties"]["subnets"][0]["properties"]["networkSecurityGroup"] = group

    ((code, what),) = _problems(change)
    assert (code, "its subnet has 'other'" in what) == ("template-value-invalid", True)


def test_a_long_network_name_is_cut_and_stays_its_own() -> None:
    def change(tree: Tree) -> None:
        long = {"name": "inner-and-a-rather-long-name-of-it", "properties": {"addressPrefix": "172.30.2.0/24"}}
        other = {"name": "inner-and-a-rather-long-name-of-another", "properties": {"addressPrefix": "172.30.3.0/24"}}
        tree["net"]["properties"]["subnets"] += [long, other]

    networks: Any = _changed(change).cloud_config["networks"]
    names = [str(network["name"]) for network in networks if network.get("managed")]
    assert len(set(names)) == 3
    assert max(map(len, names)) == 30


def _set(*path: str | int, to: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        inner: Any = tree
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


_PROPERTIES = ("web", "properties")
_CONFIGURATION = ("nic", "properties", "ipConfigurations", 0, "properties")


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (_set("web", "type", to="Microsoft.Web/sites"), "template-type-refused", "no resources of the type"),
        (_set(*_PROPERTIES, "hardwareProfle", to={"x": 1}), "template-property-refused", "hardwareProfle is not"),
        (_set(*_PROPERTIES, "priority", to="Spot"), "template-property-refused", "properties.priority"),
        (_set("web", "identity", to={"type": "SystemAssigned"}), "template-property-refused", "identity is not"),
        (_set(*_PROPERTIES, "hardwareProfile", "vmSize", to="Standard_B3s"), "template-value-invalid", "Standard_B3s"),
        (_set("web", "zones", to=["3"]), "template-value-invalid", "no zone '3'"),
        (_set(*_CONFIGURATION, "privateIPAddress", to="172.30.1.2"), "template-value-invalid", "172.30.1.2"),
        (_set(*_CONFIGURATION, "privateIPAllocationMethod", to="Dynamic"), "template-value-invalid", "no effect"),
        (_set(*_CONFIGURATION, "subnet", to={"id": "/x"}), "template-reference-missing", "names no resource"),
        (
            _set("net", "properties", "subnets", 0, "properties", "addressPrefix", to="172.31.1.0/24"),
            "template-value-invalid",
            "not in the address space",
        ),
        (
            _set("web", "properties", "networkProfile", to={"networkInterfaces": []}),
            "template-value-invalid",
            "a VM needs",
        ),
    ],
)
def test_what_compleat_does_not_make_is_refused(change: Callable[[Tree], None], code: str, what: str) -> None:
    problems = _problems(change)
    assert any(each == code and what in words for each, words in problems), problems


def test_problems_have_the_place_of_the_property_and_the_nearest_one() -> None:
    with pytest.raises(InputError) as caught:
        _changed(_set("web", "properties", "hardwareProfile", "vmSze", to="x"))
    (problem,) = errors.each_problem(caught.value)
    assert problem.where.startswith("t.json:")
    assert problem.where.count(":") == 2
    assert problem.fix == "Did you mean 'properties.hardwareProfile.vmSize'?"


def test_a_size_with_one_core_has_one_core() -> None:
    (remark,) = _changed(_set("web", "properties", "hardwareProfile", "vmSize", to="Standard_B1s")).remarks
    assert "Standard_B1s is 1 core and 1024 MiB of memory" in remark.text


@pytest.mark.parametrize(("type_", "fix"), property_table.ELSEWHERE.items())
def test_a_type_that_is_made_in_another_way_is_refused_with_that_way(type_: str, fix: str) -> None:
    def change(tree: Tree) -> None:
        parents = type_.count("/") - 1
        tree["web"] |= {"type": type_.upper(), "name": "/".join(["web"] * (1 + parents))}

    with pytest.raises(InputError) as caught:
        _changed(change)
    refused = [each for each in errors.each_problem(caught.value) if each.code == "template-type-refused"]
    assert [(each.fix, each.where.count(":")) for each in refused] == [(fix, 2)]


def test_the_nearest_name_of_an_object_is_suggested() -> None:
    with pytest.raises(InputError) as caught:
        _changed(_set("web", "properties", "securityProfle", to={"x": 1}))
    (problem,) = errors.each_problem(caught.value)
    assert problem.fix == "Did you mean 'properties.securityProfile'?"


def test_all_problems_are_reported_at_once() -> None:
    def change(tree: Tree) -> None:
        tree["web"]["properties"]["priority"] = "Spot"
        tree["net"]["properties"]["subnets"][0]["properties"]["addressPrefix"] = "172.31.0.0/24"

    assert {code for code, _ in _problems(change)} == {"template-property-refused", "template-value-invalid"}


def test_a_range_of_the_environment_and_a_taken_public_name_are_refused() -> None:
    problems = _problems(lambda _: None, landing_ranges={"default": "172.30.0.0/20"}, public_names=("ip",))
    assert [code for code, _ in problems] == ["template-range-taken", "template-name-taken"]


def test_an_interface_that_no_vm_uses_is_refused() -> None:
    problems = _problems(lambda tree: tree.pop("web"))
    assert problems == [
        ("template-resource-unused", "Microsoft.Network/networkInterfaces/nic: no VMs of the template use it.")
    ]


def test_vms_come_last_where_one_waits_for_a_deployment() -> None:
    def change(tree: Tree) -> None:
        tree["hello"] = resource("Compleat/deployments", "hello", _HELLO)
        tree["net"]["dependsOn"] = ["hello"]

    assert [step.kind for step in _changed(change).steps] == [StepKind.DEPLOYMENT, StepKind.OWN]


def test_deployments_that_wait_for_vms_which_wait_for_deployments_are_refused() -> None:
    def change(tree: Tree) -> None:
        tree["hello"] = resource("Compleat/deployments", "hello", _HELLO)
        tree["other"] = resource("Compleat/deployments", "other", _HELLO, dependsOn=["ip"])
        tree["web"]["dependsOn"] = ["hello"]

    assert [code for code, _ in _problems(change)] == ["template-order"]


def test_a_second_bundle_and_a_deployment_without_manifest_are_refused() -> None:
    def change(tree: Tree) -> None:
        tree["a"] = resource("Compleat/bundles", "a", {})
        tree["b"] = resource("Compleat/bundles", "b", {})
        tree["c"] = resource("Compleat/deployments", "c", {})
        tree["d"] = resource("Compleat/deployments", "d", {"manifest": 1})
        tree["e"] = resource("Compleat/environments", "e", {}, dependsOn=["ip"])

    codes = ["template-bundle-twice", "template-order", "template-value-invalid", "template-value-invalid"]
    assert sorted(code for code, _ in _problems(change)) == codes


def test_a_template_without_vms_that_had_some_gives_an_empty_manifest() -> None:
    tree = {**template(), "resources": []}
    assert _translate(tree).manifest is None
    emptied = _translate(tree, is_deployed=True)
    assert emptied.manifest is not None
    assert emptied.manifest["instance_groups"] == []
    assert [step.kind for step in emptied.steps] == [StepKind.OWN]


def test_the_table_says_each_property_once() -> None:
    keys = [(row.type, row.path.lower()) for row in property_table.TABLE]
    assert len(keys) == len(set(keys))
