"""Environments: made in order, and taken away from what the clouds have."""

from dataclasses import replace

import pytest

from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskCid,
    FoundDisk,
    FoundLandingResource,
    FoundSnapshot,
    FoundVm,
    LandingCid,
    LandingResource,
    OwnerKey,
    SnapshotCid,
    VmCid,
    VmCreated,
    VmState,
)
from director.actions.create_landing_resource import CreateLandingResource
from director.errors import InputError
from director.model.environments.observed import CloudInventory
from director.model.ids import RunId
from director.plan import front
from director.plan.request import EnvironmentRequest, LandingNeed
from tests.unit.director.plan import scenes

REQUEST = EnvironmentRequest(run=RunId("run"), environment=scenes.ENVIRONMENT)
OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="x")
RESOURCES = (
    LandingResource(kind="network", name="default"),
    LandingResource(kind="firewall", name="ssh"),
    LandingResource(kind="public_address", name="jumpbox", after=("default", "ssh")),
)


def _found(kind: str, name: str) -> FoundLandingResource:
    return FoundLandingResource(cid=LandingCid(f"{kind}:{name}"), kind=kind, name=name, owner=OWNER)


def test_a_landing_zone_is_made_in_order_and_stemcells_on_it() -> None:
    plan = front.make_environment_plan(REQUEST, [LandingNeed(resources=RESOURCES, stemcells=(scenes.STEMCELL,))])
    assert scenes.reported(plan) == [
        "create_landing_resource/network-default",
        "create_landing_resource/firewall-ssh",
        (
            "create_landing_resource/public_address-jumpbox <- create_landing_resource/network-default, "
            "create_landing_resource/firewall-ssh"
        ),
        (
            "create_stemcell/stemcell-debian-12/x86_64 <- create_landing_resource/network-default, "
            "create_landing_resource/firewall-ssh, create_landing_resource/public_address-jumpbox"
        ),
    ]


def test_changed_entries_are_written_after_what_they_need_is_created() -> None:
    balancer = LandingResource(kind="load_balancer", name="lb", after=("front", "targets"), entries=("new",))
    resources = (*(LandingResource(kind="part", name=name) for name in ("front", "targets")), balancer)
    found = (_found("part", "front"), replace(_found("load_balancer", "lb"), entries=("old",)))
    plan = front.make_environment_plan(REQUEST, [LandingNeed(resources=resources, found=found)])
    assert scenes.reported(plan) == [
        "create_landing_resource/part-targets",
        "update_landing_resource/load_balancer-lb <- create_landing_resource/part-targets",
    ]


def test_resources_of_two_kinds_may_have_the_same_name() -> None:
    """Names of a template's resources are unique by type alone."""
    named = (
        LandingResource(kind="public_address", name="web"),
        LandingResource(kind="nat", name="web", after=("web",)),
        LandingResource(kind="network", name="web", after=("web",)),
    )
    plan = front.make_environment_plan(REQUEST, [LandingNeed(resources=named)])
    assert scenes.reported(plan) == [
        "create_landing_resource/public_address-web",
        "create_landing_resource/nat-web <- create_landing_resource/public_address-web",
        (
            "create_landing_resource/network-web <- create_landing_resource/public_address-web, "
            "create_landing_resource/nat-web"
        ),
    ]
    owners = [action.work.owner.action for action in plan.actions if isinstance(action.work, CreateLandingResource)]
    assert len(set(owners)) == len(named)


def test_what_is_there_is_not_made_again() -> None:
    need = LandingNeed(
        resources=RESOURCES,
        stemcells=(scenes.STEMCELL,),
        found=(_found("network", "default"), _found("firewall", "ssh")),
        found_stemcells=(scenes.FOUND_STEMCELL,),
    )
    plan = front.make_environment_plan(REQUEST, [need])
    assert scenes.reported(plan) == ["create_landing_resource/public_address-jumpbox"]
    whole = replace(need, found=(*need.found, _found("public_address", "jumpbox")))
    assert front.make_environment_plan(REQUEST, [whole]).is_empty


def test_what_no_run_made_to_its_end_is_made_again_which_completes_it() -> None:
    found = (_found("network", "default"), _found("firewall", "ssh"))
    need = LandingNeed(resources=RESOURCES[:2], found=found, whole=frozenset({found[0].cid}))
    (action,) = front.make_environment_plan(REQUEST, [need]).actions
    assert (action.subject, action.reason) == ("firewall ssh", "its creation never completed")


def test_the_owner_key_is_the_actions() -> None:
    (action,) = front.make_environment_plan(REQUEST, [LandingNeed(resources=RESOURCES[:1])]).actions
    assert isinstance(action.work, CreateLandingResource)
    assert action.work.owner == OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action=action.id)


def test_a_resource_after_nothing_we_make_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        front.make_environment_plan(REQUEST, [LandingNeed(resources=RESOURCES[2:])])
    assert caught.value.code == "landing-order"


def test_everything_goes_in_an_order_in_which_it_can() -> None:
    vm = FoundVm(created=VmCreated(cid=VmCid("v"), networks=()), owner=OWNER, state=VmState.RUNNING)
    inventory = CloudInventory(
        vms=(vm,),
        disks=(FoundDisk(cid=DiskCid("d"), owner=OWNER, size_mib=1),),
        snapshots=(FoundSnapshot(cid=SnapshotCid("s"), owner=OWNER, disk_cid=DiskCid("d")),),
        stemcells=(scenes.FOUND_STEMCELL,),
        landing=(_found("public_address", "jumpbox"), _found("network", "default"), _found("firewall", "ssh")),
        resources=RESOURCES,
    )
    assert scenes.reported(front.make_sweep_plan(REQUEST, [inventory])) == [
        "delete_vm/VM-v",
        "delete_snapshot/snapshot-s <- delete_vm/VM-v",
        "delete_disk/disk-d <- delete_vm/VM-v, delete_snapshot/snapshot-s",
        "delete_stemcell/stemcell-stemcell-1 <- delete_vm/VM-v",
        (
            "delete_landing_resource/public_address-jumpbox <- delete_vm/VM-v, "
            "delete_snapshot/snapshot-s, delete_disk/disk-d, delete_stemcell/stemcell-stemcell-1"
        ),
        ("delete_landing_resource/firewall-ssh <- delete_landing_resource/public_address-jumpbox"),
        "delete_landing_resource/network-default <- delete_landing_resource/firewall-ssh",
    ]


def test_what_templates_added_goes_before_what_the_cloud_lists_before_it() -> None:
    known = ("vpc", "subnet a", "subnet b", "address nat", "nat own", "address jumpbox", "bucket")
    resources = tuple(
        LandingResource(kind=text.partition(" ")[0], name=text.partition(" ")[2] or text) for text in known
    )
    networks = ("vpc", "subnet a", "subnet b", "subnet c", "address jumpbox", "address nat", "address way-out")
    others = ("table ways", "nat own", "nat way", "bucket", "balancer lb")
    listed = (*networks, *others)
    landing = tuple(_found(text.partition(" ")[0], text.partition(" ")[2] or text) for text in listed)
    plan = front.make_sweep_plan(REQUEST, [CloudInventory(landing=landing, resources=resources)])
    order = [action.subject for action in plan.actions]
    assert order == [
        "balancer lb",
        "bucket bucket",
        "nat way",
        "table ways",
        "address way-out",
        "address jumpbox",
        "nat own",
        "address nat",
        "subnet c",
        "subnet b",
        "subnet a",
        "vpc vpc",
    ]


def test_clouds_are_swept_beside_each_other() -> None:
    inventories = [
        CloudInventory(cloud=name, landing=(_found("network", "default"),), resources=RESOURCES)
        for name in ("one", "two")
    ]
    assert scenes.reported(front.make_sweep_plan(REQUEST, inventories)) == [
        "delete_landing_resource/network-default/one",
        "delete_landing_resource/network-default/two",
    ]


def test_nothing_left_is_an_empty_plan() -> None:
    assert front.make_sweep_plan(REQUEST, [CloudInventory()]).is_empty
