"""A state that was restored from a backup and is older than its cloud: no command deletes what was created since."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from cpi.contract.values import VmCid
from director.app.landing import persistent_disks
from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.session import Session
from director.app.use_cases import clean_up, cloud_check, delete, delete_stemcell, disks, ignoring
from director.app.use_cases import deploy as deploying
from director.app.use_cases.clean_up import CleaningRequest
from director.app.use_cases.delete_stemcell import StemcellDeletion
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.disks import DiskAttachment
from director.errors import StateError
from director.model.documents import Source
from director.model.environments.listed_disks import ListedDisk
from director.plan.request import InstanceRequest
from director.ports.release_uploads import ReleaseUploads
from tests.support.callers import calling
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

CALLER = calling("test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """The state of before `app` got its third instance, and its first one another disk."""

    lab: Lab
    session: Session
    new_disk: str
    old_disk: str

    def inventory(self) -> tuple[set[str], set[str]]:
        found = self.lab.simulation.cloud.inventory()
        return {str(vm.created.cid) for vm in found.vms}, {str(disk.cid) for disk in found.disks}

    def vm(self, name: str) -> VmCid:
        state = self.session.deployment("app")
        return next(one.vm.cid for one in state.instances if one.name == name and one.vm)


@pytest.fixture
def older(tmp_path: Path) -> Older:
    lab = Lab(Simulation(), tmp_path)
    lab.deploy_request(_request(lab, instances=2))
    before = copy.deepcopy((lab.simulation.store, lab.simulation.journal))
    was = {one.found.cid for one in _listed(lab.session())}
    lab.deploy_request(_request(lab, instances=3))
    (new,) = (one for one in _listed(lab.session()) if one.found.cid not in was)
    store, journal = lab.simulation.store, lab.simulation.journal
    for kept in (store.deployments, journal.runs, journal.ends, journal.lines):
        kept.clear()
    store.deployments.update(before[0].deployments)
    journal.runs.update(before[1].runs)
    journal.ends.update(before[1].ends)
    journal.lines.update(before[1].lines)
    return Older(lab=lab, session=lab.session(), new_disk=new.found.cid, old_disk=min(was))


VERBS: dict[str, Callable[[Older], object]] = {
    "deploy": lambda older: deploying.deploy(older.session, _request(older.lab, instances=2), _agreed),
    "start": lambda older: _change(older, InstanceRequest.STARTED),
    "stop": lambda older: _change(older, InstanceRequest.STOPPED),
    "stop --hard": lambda older: _change(older, InstanceRequest.DETACHED),
    "restart": lambda older: _change(older, InstanceRequest.RESTART),
    "recreate": lambda older: _change(older, InstanceRequest.RECREATE),
    "delete-deployment": lambda older: _delete(older, is_forcing=False),
    "delete-deployment --force": lambda older: _delete(older, is_forcing=True),
    "cloud-check": lambda older: cloud_check.list_problems(older.session, "app"),
    "delete-vm": lambda older: cloud_check.delete_vm(older.session, older.vm("web/0"), caller=CALLER, confirm=_agreed),
    "orphan-disk": lambda older: disks.orphan_disk(older.session, older.old_disk, caller=CALLER, confirm=_agreed),
    "attach-disk": lambda older: disks.attach_disk(
        older.session,
        DiskAttachment(deployment="app", instance="web/0", cid=older.new_disk),
        caller=CALLER,
        confirm=_agreed,
    ),
    "delete-disk": lambda older: disks.delete_disk(older.session, older.new_disk, caller=CALLER, confirm=_agreed),
    "delete-stemcell": lambda older: delete_stemcell.delete_stemcell(
        older.session, StemcellDeletion(name="any", version="1", caller=CALLER), _agreed
    ),
    "clean-up": lambda older: clean_up.find_unneeded(older.session, _home(older), CleaningRequest()),
    "clean-up --all": lambda older: clean_up.find_unneeded(older.session, _home(older), CleaningRequest(is_all=True)),
}
"""Commands that plan from the state, or that delete what it does not name."""


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_refused_and_nothing_is_changed(older: Older, verb: str) -> None:
    before = older.inventory()
    with pytest.raises(StateError) as refused:
        VERBS[verb](older)
    assert refused.value.code == "state-older"
    assert older.new_disk in refused.value.what or "web/2" in refused.value.what
    assert older.inventory() == before


def test_what_is_newer_is_listed_as_not_recorded_and_is_no_orphan(older: Older) -> None:
    rows = {str(row["disk_cid"]): row for row in disks.list_disks(older.session, "app", is_orphaned=False).rows}
    new = rows[older.new_disk]
    assert (new["state"], new["instance"], new["deployment"]) == ("not recorded", "web/2", "app")
    assert {row["state"] for cid, row in rows.items() if cid != older.new_disk} == {"attached"}
    assert disks.list_disks(older.session, "app", is_orphaned=True).rows == ()


def test_verbs_that_change_records_alone_work(older: Older) -> None:
    before = older.inventory()
    assert ignoring.ignore_instance(older.session, "app", instance="web/0", is_ignored=True, caller=CALLER) == "web/0"
    disks.take_snapshots(older.session, "app", "web/0", caller=CALLER, confirm=_agreed)
    assert older.inventory() == before


def test_a_state_as_new_as_its_cloud_is_cleaned_up(tmp_path: Path) -> None:
    lab = Lab(Simulation(), tmp_path)
    lab.deploy_request(_request(lab, instances=3))
    lab.deploy_request(_request(lab, instances=2))
    session = lab.session()
    unneeded = clean_up.find_unneeded(session, _home_of(session), CleaningRequest(is_all=True))
    assert [one.instance for one in unneeded.disks] == ["web/2"]
    clean_up.clean_up(session, _home_of(session), unneeded, caller=CALLER)
    assert len(lab.simulation.cloud.inventory().disks) == 2


def _listed(session: Session) -> tuple[ListedDisk, ...]:
    return persistent_disks.list_disks(session, session.environment())


def _request(lab: Lab, *, instances: int) -> DeployRequest:
    request = lab.request(instances=instances)
    manifest = request.files.manifest
    text = manifest.content.replace(b"  vm_type: default\n", b"  vm_type: default\n  persistent_disk: 1024\n")
    return replace(request, files=replace(request.files, manifest=Source(name=manifest.name, content=text)))


def _change(older: Older, wanted: InstanceRequest) -> None:
    files = replace(deploying.saved_manifest(older.session, "app"), values={"size": "small"})
    request = DeployRequest(files=files, caller=CALLER, instance_requests={"web": wanted})
    deploying.deploy(older.session, request, _agreed)


def _delete(older: Older, *, is_forcing: bool) -> None:
    delete.delete_deployment(older.session, "app", caller=CALLER, is_forcing=is_forcing, confirm=_agreed)


def _home(older: Older) -> ReleaseHome:
    return _home_of(older.session)


def _home_of(session: Session) -> ReleaseHome:
    world = session.world
    return ReleaseHome(
        settings=session.settings,
        store=world.store,
        journal=world.journal,
        plans=world.plans,
        records=world.release_records,
        releases=world.releases,
        uploads=cast(ReleaseUploads, None),
        clock=world.clock,
    )


def _agreed(_asked: object) -> None:
    """The answer to each question."""
