"""The landing zone: continues after any interruption, touches no foreign resource, leaves nothing at the end."""

import io
from pathlib import Path

import pytest

from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.landing_zone import AwsLanding
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.wire import config
from cpi.clouds.aws.wire.api import Api
from cpi.contract.cloud import Landing
from cpi.contract.errors import CloudError, ConflictError, DeniedError, LostReplyError, TransientError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, ManagedNetwork, OwnerKey
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble
from tests.unit.cpi.clouds.aws.requests import KEY

pytestmark = pytest.mark.slow

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="landing")
OWNER_OF_ALL = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="landing")
SPEC = LandingSpec(networks={"main": "10.9.0.0/24", "deep": "10.9.1.0/24"}, public_names=("jumpbox",))


def _landing(emulator: Emulator, **settings: object) -> Landing:
    landing = shared.connect(emulator, "env", **settings).landing
    assert landing is not None
    return landing


def _land(landing: Landing) -> int:
    """Make it all, each part until AWS agrees; gives how often it was asked."""
    tries = 0
    for resource in landing.landing_resources(SPEC):
        for _ in range(12):
            tries += 1
            try:
                landing.create_landing_resource(resource, OWNER)
            except (LostReplyError, TransientError):
                continue
            break
        else:
            pytest.fail(f"{resource.name} was never done")
    return tries


def _take_down(landing: Landing) -> None:
    for found in reversed(landing.find_landing_resources("env")):
        for _ in range(12):
            try:
                landing.delete_landing_resource(found.cid)
            except (LostReplyError, TransientError):
                continue
            break


def _kinds(emulator: Emulator) -> list[str]:
    return sorted(held.kind for held in emulator.inventory())


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.LOST_BEFORE])
@pytest.mark.parametrize(
    "operation",
    [
        "CreateVpc",
        "CreateInternetGateway",
        "AttachInternetGateway",
        "CreateSubnet",
        "CreateRouteTable",
        "CreateRoute",
        "AssociateRouteTable",
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "AllocateAddress",
        "AssociateVpcCidrBlock",
        "CreateVpcEndpoint",
    ],
)
def test_a_reply_lost_at_any_part_makes_no_twin_and_nothing_is_missing(
    emulator: Emulator, operation: str, trouble: Trouble
) -> None:
    landing = _landing(emulator)
    _land(landing)
    whole = _kinds(emulator)
    emulator.reset()
    landing = _landing(emulator)
    emulator.faults.add(Rule(action=operation, trouble=trouble))
    _land(landing)
    assert _kinds(emulator) == whole
    (table,) = [one for one in back.ec2().route_tables.values() if not one.main_association_id]
    assert (len(table.associations), len(table.routes)) == (6, 4)
    _take_down(landing)
    assert emulator.inventory() == ()


def test_a_table_that_came_later_gets_the_way_to_the_bucket_too(emulator: Emulator) -> None:
    landing = _landing(emulator, private_networks=["deep"])
    _land(landing)
    (endpoint,) = back.ec2().vpc_end_points.values()
    both = sorted(endpoint.route_table_ids)
    del endpoint.route_table_ids[0]
    _land(landing)
    assert (len(both), sorted(endpoint.route_table_ids)) == (2, both)


def test_signed_urls_name_the_region() -> None:
    written = {"region": "eu-central-1", "access_key_id": "a", "secret_access_key": "b"}
    url = Api(config.read_config(written)).sign("get_object", valid_s=60, parameters={"Bucket": "b-1", "Key": "k"})
    assert url.startswith("https://b-1.s3.eu-central-1.amazonaws.com/k?")


def test_what_aws_does_not_show_yet_is_waited_for(emulator: Emulator) -> None:
    landing = _landing(emulator)
    emulator.front.absences.reads = 3
    assert _land(landing) > len(landing.landing_resources(SPEC))


def test_a_private_network_goes_through_a_nat_gateway_and_all_of_it_goes_again(emulator: Emulator) -> None:
    landing = _landing(emulator, private_networks=["deep"])
    _land(landing)
    found = {one.name: one.outputs for one in landing.find_landing_resources("env")}
    assert {"nat-gateway", "private-routes", "nat"} <= found.keys()
    assert found["deep-z2"]["deep_subnet_z2"].startswith("subnet-")
    _take_down(landing)
    assert emulator.inventory() == ()


def test_a_managed_network_has_room_in_the_vpc_and_the_way_out_of_the_public_networks(landed: Subject) -> None:
    (part,) = landed.landing.managed_network(ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/24"))
    landed.landing.create_landing_resource(part, OWNER_OF_ALL)
    landed.landing.create_landing_resource(part, OWNER_OF_ALL)
    (vpc,) = [one for one in back.ec2().vpcs.values() if not one.is_default]
    assert sorted(one["cidr_block"] for one in vpc.cidr_block_association_set) == [
        "10.77.0.0/24",
        "10.9.0.0/24",
    ]
    (subnet,) = [one for one in back.ec2().describe_subnets() if one.cidr_block == "10.77.0.0/24"]
    answer = shared.usual_api().read("ec2", "DescribeRouteTables")["RouteTables"]
    (table,) = [one for one in answer if subnet.id in {held.get("SubnetId") for held in one["Associations"]}]
    assert any(route.get("GatewayId", "").startswith("igw-") for route in table["Routes"])


def test_a_managed_network_in_the_zone_of_its_az_has_a_size_that_aws_takes(emulator: Emulator) -> None:
    landing = _landing(emulator)
    there = ManagedNetwork(
        name="managed.made.a", cidr="10.77.0.0/24", cloud_properties={"availability_zone": "eu-central-1b"}
    )
    (part,) = landing.managed_network(there)
    assert part.properties["zone"] == "eu-central-1b"
    with pytest.raises(CloudError) as raised:
        landing.managed_network(ManagedNetwork(name="managed.made.a", cidr="10.77.0.0/29"))
    assert raised.value.code == "network-range-invalid"


def test_only_what_has_a_public_address_is_open_to_the_world(landed: Subject) -> None:
    groups = {one.name: one for one in back.security_groups() if one.name.startswith("compleat-")}
    inside = list(groups["compleat-default"].ingress_rules)
    outside = list(groups["compleat-public"].ingress_rules)
    assert all(rule.source_group and not rule.ip_range for rule in inside)
    assert sorted(rule.from_port for rule in outside) == [22, 80, 443, 8443]
    landed.connected.cloud.create_vm(landed.vm_request("a1"))
    (instance,) = back.instances()
    assert [group.name for group in instance.nics[0].group_set] == ["compleat-default"]


def test_a_key_pair_of_our_name_that_is_not_ours_is_a_conflict(emulator: Emulator) -> None:
    key = "ssh-rsa " + KEY.split()[1]
    landing = _landing(emulator, public_key=key, bucket=False)
    (wanted,) = [one for one in landing.landing_resources(SPEC) if one.kind == "key_pair"]
    back.ec2().create_key_pair("compleat-env", "ed25519", {})
    with pytest.raises(ConflictError) as raised:
        landing.create_landing_resource(wanted, OWNER)
    assert raised.value.code == "name-taken"
    _take_down(landing)
    assert _kinds(emulator) == ["key-pair"]


def test_a_bucket_of_our_name_that_is_not_ours_is_neither_used_nor_deleted(emulator: Emulator) -> None:
    landing = _landing(emulator)
    api = shared.usual_api()
    name = Bucket(api, "env").name()
    api.change("s3", "CreateBucket", Bucket=name)
    (wanted,) = [one for one in landing.landing_resources(SPEC) if one.kind == "bucket"]
    with pytest.raises(ConflictError) as raised:
        landing.create_landing_resource(wanted, OWNER)
    assert raised.value.code == "name-taken"
    landing.delete_landing_resource(f"bucket:{name}")  # type: ignore[arg-type]
    assert _kinds(emulator) == ["bucket"]


def test_the_bucket_goes_with_its_blobs(landed: Subject, emulator: Emulator) -> None:
    Bucket(shared.usual_api(), ENVIRONMENT).put_blob("sha256/ab", io.BytesIO(b"blob"), size=4)
    for found in reversed(landed.landing.find_landing_resources(ENVIRONMENT)):
        landed.landing.delete_landing_resource(found.cid)
    assert [kind for kind in _kinds(emulator) if kind != "launch-template"] == []


def test_vms_are_told_what_to_trust_where_it_is_not_the_usual(tmp_path: Path, emulator: Emulator) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("the PEM")
    assert Api(config.read_config(emulator.settings(ca=str(file)))).ca() == "the PEM"
    assert shared.usual_api().ca() == ""


def test_without_a_bucket_nobody_needs_s3(emulator: Emulator) -> None:
    emulator.account.denied |= {"s3:GET /compleat-env"}
    landing = _landing(emulator, bucket=False)
    _land(landing)
    assert not [one for one in landing.find_landing_resources("env") if one.kind == "bucket"]


def test_other_environments_of_the_account_are_left_alone(emulator: Emulator) -> None:
    own = _landing(emulator)
    settings = config.read_config(emulator.settings())
    api = shared.usual_api()
    bucket, records = Bucket(api, "theirs"), Records(api, settings, "theirs")
    places = Lookups(api, settings, "theirs")
    theirs = AwsLanding(api, places, bucket=bucket, records=records, forget=lambda: None)
    _land(own)
    for resource in theirs.landing_resources(SPEC):
        theirs.create_landing_resource(
            resource, OwnerKey(environment="theirs", deployment=ENVIRONMENT_ITSELF, action="x")
        )
    before = theirs.find_landing_resources("theirs")
    _take_down(own)
    assert theirs.find_landing_resources("theirs") == before
    assert {held.tags["compleat-environment"] for held in emulator.inventory()} == {"theirs"}


def test_a_permission_that_is_missing_is_told_at_once(emulator: Emulator) -> None:
    emulator.account.denied.add("ec2:CreateVpc")
    landing = _landing(emulator)
    with pytest.raises(DeniedError) as raised:
        landing.create_landing_resource(landing.landing_resources(SPEC)[0], OWNER)
    assert (raised.value.code, "CreateVpc" in raised.value.what) == ("not-authorized", True)
