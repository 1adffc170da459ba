"""Public cloud configs for AWS as they are, in an account that has what they name: all that is found is a remark."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import public_cloud_configs
from tests.support.aws import back, shared
from tests.support.public_cloud_configs import PublicCloudConfig

CONFIGS = public_cloud_configs.read_all("aws")
WRONG = {
    # bosh-bootloader lists a size that AWS never had.
    **{f"aws/{name}.yml": {"unknown-instance-type"} for name in ("bbl", "bbl-cf", "bbl-alb-aws")},
    # Without `reserved` BOSH's director gives addresses that AWS keeps for itself.
    "aws/docs.yml": {"address-reserved"},
}
"""What the documents themselves have wrong: nothing else of them is refused."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CONFIGS, reason="the folder of public cloud configs is not beside the project"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=[config.name for config in CONFIGS])
def test_a_public_cloud_config_passes_as_it_is(config: PublicCloudConfig, tmp_path: Path) -> None:
    emulator = shared.fresh_emulator()
    plant(config)
    settings = emulator.settings(zones=sorted(_zones(config).values()), default_security_groups=["bosh"])
    manifest = public_cloud_configs.write_environment(tmp_path, config, "aws", settings)
    found = public_cloud_configs.findings(tmp_path, manifest)
    assert {one.code for one in found if one.is_fatal} == WRONG.get(config.name, set())


def _zones(config: PublicCloudConfig) -> dict[str, str]:
    return {az["name"]: az["cloud_properties"]["availability_zone"] for az in config.tree["azs"]}


def plant(config: PublicCloudConfig) -> None:
    """What its operator has made: subnets and security groups by id, load balancers, profiles and keys by name."""
    vpcs: dict[str, str] = {}
    for subnet in config.subnets():
        wide = ".".join(str(subnet["range"]).split(".")[:2])
        if wide not in vpcs:
            vpcs[wide] = back.ec2().create_vpc(f"{wide}.0.0/16").id
            _plant_groups(config, vpcs[wide])
        _plant_subnet(subnet, vpcs[wide], _zones(config)[subnet.get("az") or subnet["azs"][0]])
    _plant_names(config, next(iter(vpcs.values())))


def _plant_subnet(subnet: Any, vpc: str, zone: str) -> None:
    wanted = subnet["cloud_properties"]["subnet"]
    if back.subnet(back.REGION, wanted) is None:
        made = back.ec2().create_subnet(vpc, str(subnet["range"]), availability_zone=zone)
        held = back.ec2().subnets[zone]
        made.id = wanted
        held[wanted] = held.pop(next(key for key, one in held.items() if one is made))


def _plant_groups(config: PublicCloudConfig, vpc: str) -> None:
    written = [subnet["cloud_properties"] for subnet in config.subnets()]
    written += config.properties("vm_types", "vm_extensions", "networks")
    named = {name for one in written for name in one.get("security_groups", ())}
    for name in sorted({*named, "bosh"}):
        made = back.ec2().create_security_group(name, "of the operator", vpc_id=vpc)
        inside = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        shared.usual_api().change("ec2", "AuthorizeSecurityGroupIngress", GroupId=made.id, IpPermissions=[inside])
        if name.startswith("sg-"):
            back.ec2().groups[vpc][name] = back.ec2().groups[vpc].pop(made.id)
            made.id = made.group_id = name


def _plant_names(config: PublicCloudConfig, vpc: str) -> None:
    api = shared.usual_api()
    subnet = next(one.id for one in back.subnets() if one.vpc_id == vpc)
    for name in _listed(config, "lb_target_groups"):
        api.change("elbv2", "CreateTargetGroup", Name=name, Protocol="TCP", Port=80, VpcId=vpc)
    for name in _listed(config, "elbs"):
        listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
        api.change("elb", "CreateLoadBalancer", LoadBalancerName=name, Listeners=[listener], Subnets=[subnet])
    for one in config.properties("vm_types", "vm_extensions"):
        if (profile := one.get("iam_instance_profile")) and not back.has_profile(profile):
            back.add_profile(profile, age_s=3600)
        if (key := one.get("key_name")) and key not in back.ec2().key_pairs:
            back.ec2().create_key_pair(key, "rsa", {})


def _listed(config: PublicCloudConfig, name: str) -> list[str]:
    """The values of a property that is a list, of all VM types and extensions."""
    return sorted({one for each in config.properties("vm_types", "vm_extensions") for one in each.get(name, ())})
