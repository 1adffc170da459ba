"""The contract of tags: a tag that a cloud would cut or refuse is reported before anything is created."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cpi.contract.cloud import Preflight
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerQuery, PreflightRequest, StemcellRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

LONG = {"note": "x" * 600}
WRONG: Mapping[str, tuple[Mapping[str, str], str]] = {
    "a value too long": (LONG, "tag-too-long"),
    "a name too long": ({"n" * 600: "x"}, "tag-too-long"),
    "a name with a character that no cloud takes": ({"a\nb": "x"}, "tag-not-allowed"),
    "a name of nothing": ({"": "x"}, "tag-not-allowed"),
    "more than any resource takes": ({f"t{number}": "x" for number in range(200)}, "too-many-tags"),
}


@pytest.fixture
def preflight(subject: Subject) -> Preflight:
    if subject.connected.preflight is None:
        pytest.skip("the cloud says nothing beforehand")
    return subject.connected.preflight


@pytest.mark.parametrize("wrong", WRONG)
def test_tags_that_the_cloud_would_cut_or_refuse_are_found_beforehand(
    subject: Subject, preflight: Preflight, wrong: str
) -> None:
    tags, code = WRONG[wrong]
    vm, disk = subject.vm_request("a"), subject.disk_request("d")
    stemcell = StemcellRequest(owner=subject.owner("s", ENVIRONMENT_ITSELF), os="own", version="1", tags=tags)
    asked = {
        "vm": PreflightRequest(vms=(replace(vm, tags=tags),)),
        "disk": PreflightRequest(disks=(replace(disk, tags=tags),)),
        "stemcell": PreflightRequest(stemcells=(stemcell,)),
        "vm that is there": PreflightRequest(retags=(tags,)),
    }
    found = {what: [one for one in preflight.preflight(request) if one.is_fatal] for what, request in asked.items()}
    assert {what: code in [one.code for one in each] for what, each in found.items()} == dict.fromkeys(asked, True)
    assert [one for each in found.values() for one in each if one.code == code and not (one.what and one.fix)] == []


def test_one_wrong_tag_of_many_vms_is_told_once(subject: Subject, preflight: Preflight) -> None:
    vms = tuple(replace(subject.vm_request(f"a{last}", last=last), tags=LONG) for last in (20, 21, 22))
    findings = preflight.preflight(PreflightRequest(vms=vms, retags=(LONG,)))
    assert [one.code for one in findings].count("tag-too-long") == 1


def test_tags_that_every_cloud_takes_are_kept_whole(subject: Subject, preflight: Preflight) -> None:
    tags = {"Cost-Center": "4711", "team.owner": "platform team", "long": "x" * 250}
    request = replace(subject.vm_request("a"), tags=tags)
    assert [one for one in preflight.preflight(PreflightRequest(vms=(request,))) if one.is_fatal] == []
    subject.connected.cloud.create_vm(request)
    (vm,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert vm.tags == tags
