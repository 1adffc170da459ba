"""DNS names of public addresses in Route 53: made with the landing zone, never anybody else's, gone with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingSpec, OwnerKey, PreflightRequest
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import NO_ANSWER_AFTER, Rule
from tests.support.landings import land, landing_of

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox", "console"))
NAME = "jump.env.example.org"


def test_a_name_is_made_found_and_deleted_with_the_landing_zone(emulator: Emulator) -> None:
    cloud = _connect(emulator, zone=_make_zone())
    land(cloud, SPEC, OWNER)
    found = _found(cloud)
    address = found["jumpbox"].outputs["jumpbox_public_ip"]
    assert found["jumpbox"].outputs["jumpbox_public_host"] == NAME
    assert found["console"].outputs["console_public_host"] == found["console"].outputs["console_public_ip"]
    assert (found["jumpbox-name"].cid, found["jumpbox-name"].owner) == (f"dns_record:{NAME}", OWNER)
    assert _records(emulator) == [f"A {NAME}.", f"TXT {NAME}."]
    assert _pointed_at() == [address]
    land(cloud, SPEC, OWNER)
    assert _records(emulator) == [f"A {NAME}.", f"TXT {NAME}."]
    for one in reversed(list(found.values())):
        landing_of(cloud).delete_landing_resource(one.cid)
        landing_of(cloud).delete_landing_resource(one.cid)
    assert (_records(emulator), _found(cloud)) == ([], {})


def test_a_name_whose_address_is_another_one_is_pointed_at_it(emulator: Emulator) -> None:
    cloud = _connect(emulator, zone=_make_zone())
    land(cloud, SPEC, OWNER)
    landing_of(cloud).delete_landing_resource(_found(cloud)["jumpbox"].cid)
    land(cloud, SPEC, OWNER)
    assert _pointed_at() == [_found(cloud)["jumpbox"].outputs["jumpbox_public_ip"]]


@pytest.mark.parametrize("value", ["1.2.3.4", '"v=spf1"'])
def test_a_name_that_somebody_has_is_refused_beforehand_and_left_alone(emulator: Emulator, value: str) -> None:
    zone = _make_zone()
    kind = "TXT" if '"' in value else "A"
    _change(zone, "CREATE", {"Name": f"{NAME}.", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]})
    cloud = _connect(emulator, zone=zone)
    assert cloud.preflight is not None
    assert [one.code for one in cloud.preflight.preflight(PreflightRequest())] == ["dns-name-taken"]
    with pytest.raises(ConflictError, match="dns-name-taken"):
        land(cloud, SPEC, OWNER)
    with pytest.raises(ConflictError, match="dns-name-taken"):
        landing_of(cloud).delete_landing_resource(_record_cid())
    assert _records(emulator) == [f"{kind} {NAME}."]


def test_another_environments_name_is_refused(emulator: Emulator) -> None:
    zone = _make_zone()
    land(_connect(emulator, zone=zone), SPEC, OWNER)
    other = shared.connect(emulator, "other", dns_names={"jumpbox": NAME}, hosted_zone_id=zone)
    assert other.preflight is not None
    (finding,) = other.preflight.preflight(PreflightRequest())
    assert (finding.code, finding.why) == ("dns-name-taken", "They belong to environment 'env'.")


def test_an_answer_that_is_lost_makes_no_second_record(emulator: Emulator) -> None:
    zone = _make_zone()
    cloud = _connect(emulator, zone=zone)
    rule = Rule(action=f"POST /2013-04-01/hostedzone/{zone}/rrset/", trouble=NO_ANSWER_AFTER.trouble)
    emulator.faults.add(rule)
    with pytest.raises(CloudError, match="reply-lost"):
        land(cloud, SPEC, OWNER)
    land(cloud, SPEC, OWNER)
    assert (rule.times, _records(emulator)) == (0, [f"A {NAME}.", f"TXT {NAME}."])


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"hosted_zone_id": "Z00000000NONE"}, "unknown-hosted-zone"), ({}, "dns-name-outside-zone")],
)
def test_a_wrong_zone_is_told_beforehand(emulator: Emulator, changes: Mapping[str, Any], code: str) -> None:
    settings = {"dns_names": {"jumpbox": "jump.example.com"}, "hosted_zone_id": _make_zone(), **changes}
    cloud = shared.connect(emulator, "env", **settings)
    assert cloud.preflight is not None
    assert [one.code for one in cloud.preflight.preflight(PreflightRequest())] == [code]


@pytest.mark.parametrize("written", [{"jumpbox": "Jump.Example.org"}, {"jumpbox": "jump"}])
def test_what_is_no_name_or_has_no_zone_is_refused_at_once(emulator: Emulator, written: Mapping[str, str]) -> None:
    for settings in ({"dns_names": written, "hosted_zone_id": "Z1"}, {"dns_names": {"jumpbox": NAME}}):
        with pytest.raises(CloudError, match="cloud-config-invalid"):
            shared.connect(emulator, "env", **settings)


def test_a_name_for_an_address_that_is_not_wanted_is_refused(emulator: Emulator) -> None:
    cloud = _connect(emulator, zone=_make_zone())
    with pytest.raises(CloudError, match="dns-name-of-nothing"):
        landing_of(cloud).landing_resources(replace(SPEC, public_names=("console",)))


def _connect(emulator: Emulator, *, zone: str) -> ConnectedCloud:
    return shared.connect(emulator, "env", dns_names={"jumpbox": NAME}, hosted_zone_id=zone)


def _found(cloud: ConnectedCloud) -> dict[str, FoundLandingResource]:
    return {one.name: one for one in landing_of(cloud).find_landing_resources("env")}


def _make_zone() -> str:
    made = shared.usual_api().change("route53", "CreateHostedZone", Name="example.org", CallerReference="test")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def _change(zone: str, action: str, record: Mapping[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": dict(record)}]}
    shared.usual_api().change("route53", "ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch=batch)


def _records(emulator: Emulator) -> list[str]:
    return [one.id for one in emulator.inventory() if one.kind == "dns-record"]


def _record_cid() -> Any:
    return f"dns_record:{NAME}"


def _pointed_at() -> list[str]:
    zones = back.route53().zones.values()
    return [value for zone in zones for record in zone.rrsets if record.type == "A" for value in record.records]
