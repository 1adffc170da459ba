"""Uploaded stemcells of an environment: their records compared with what the clouds have, and who uses them.

Takes a Session and an environment, gives records.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.values import ENVIRONMENT_ITSELF, FoundStemcell, OwnerQuery, StemcellCid
from director.actions.create_vm import CreateVm
from director.app.sessions import applicable_plans, stock_images
from director.app.sessions.session import Session
from director.model.documents import Source
from director.model.environments.environment import Environment, stemcells_there
from director.model.environments.state import DeploymentState, VmRecord
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.releases import release_versions
from director.model.tasks.plan import Plan
from director.observe import journal_inventory
from director.text.yaml import reader


def observe_uploads(session: Session, environment: Environment) -> Environment:
    """The environment with the CIDs of uploads that have ended; what its clouds do not have is in no record.

    An upload that was cut short and of which a part is there keeps its record, without a CID.
    """
    found = {cloud: found_on(session, environment, cloud) for cloud in session.world.clouds}
    uploaded = tuple(
        replace(one, cid=there.cid if there.is_whole else one.cid)
        for one in environment.uploaded
        if one.cloud in found
        for there in _of(one, found[one.cloud])
    )
    elsewhere = tuple(one for one in environment.uploaded if one.cloud not in found)
    known = replace(environment, uploaded=(*uploaded, *elsewhere))
    stemcells = (
        there
        for cloud in session.world.clouds
        for there in stemcells_there(cloud, stock_images.stemcells_on(session, cloud, environment.name), known.uploaded)
    )
    return replace(known, stemcells=tuple(stemcells))


def found_on(session: Session, environment: Environment, cloud: str) -> tuple[FoundStemcell, ...]:
    """What the cloud has, whole or not; where it cannot find, what the journal names."""
    connected = session.world.clouds[cloud]
    if connected.finder is None:
        return journal_inventory.recorded_stemcells(session.world, environment.name, cloud)
    return connected.finder.find_stemcells(OwnerQuery(environment=environment.name))


def with_parts(
    session: Session, environment: Environment, records: Iterable[UploadedStemcell]
) -> Iterator[UploadedStemcell]:
    """The records with a CID each: of an upload that was cut short, that of the part which is there."""
    for one in records:
        there = _of(one, found_on(session, environment, one.cloud))
        if there:
            yield replace(one, cid=there[0].cid)


def list_users(session: Session, environment: Environment, records: Sequence[UploadedStemcell]) -> tuple[str, ...]:
    """Deployments with VMs of them, deployments without VMs that name them, and runs that have not ended."""
    cids = {(one.cloud, one.cid) for one in records}
    states = session.world.store.list_deployments(environment.name)
    used = [f"deployment '{state.deployment}'" for state in states if _uses(state, cids, records)]
    runs = session.world.journal.open_runs(environment.name)
    used += [
        f"an unfinished deploy of '{run.deployment}'"
        for run in runs
        if run.deployment is not ENVIRONMENT_ITSELF and _creates(run.plan, cids)
    ]
    return tuple(dict.fromkeys(used))


def list_planned(session: Session, records: Sequence[UploadedStemcell]) -> tuple[str, ...]:
    """Stored plans that may still be applied and create VMs of them."""
    cids, world = {(one.cloud, one.cid) for one in records}, session.world
    return tuple(
        f"plan {stored.number} (deployment '{stored.plan.deployment}')"
        for stored in applicable_plans.list_applicable(world.plans, world.journal, now=world.clock.now())
        if stored.plan.environment == session.settings.environment and _creates(stored.plan, cids)
    )


def unused_stemcells(session: Session, environment: Environment, *, kept: int) -> tuple[UploadedStemcell, ...]:
    """What no deployment and no stored plan uses, without the newest `kept` versions of each stemcell."""
    by_name: dict[str, dict[str, list[UploadedStemcell]]] = {}
    for one in environment.uploaded:
        by_name.setdefault(one.name, {}).setdefault(one.version, []).append(one)
    unused: list[UploadedStemcell] = []
    for versions in by_name.values():
        for version in sorted(versions, key=release_versions.version_key, reverse=True)[kept:]:
            records = versions[version]
            if not (list_users(session, environment, records) or list_planned(session, records)):
                unused += records
    return tuple(unused)


def _of(one: UploadedStemcell, found: Iterable[FoundStemcell]) -> list[FoundStemcell]:
    """The stemcell on its cloud by its owner key; at most one, a whole one first."""
    mine = [each for each in found if each.owner.action == one.action]
    return sorted(mine, key=lambda each: not each.is_whole)[:1]


def _uses(state: DeploymentState, cids: set[tuple[str, StemcellCid]], records: Sequence[UploadedStemcell]) -> bool:
    vms = tuple(_vms_of(state))
    return any((vm.cloud, vm.stemcell_cid) in cids for vm in vms) or (not vms and _names(state, records))


def _vms_of(state: DeploymentState) -> Iterator[VmRecord]:
    yield from (record.vm for record in state.instances if record.vm)
    yield from state.compilers.values()


def _names(state: DeploymentState, records: Sequence[UploadedStemcell]) -> bool:
    """Whether the manifest, as it was deployed, names one of them in its version."""
    manifest = state.manifest
    if not manifest:
        return False
    source = Source(name=f"deployment {state.deployment}", content=manifest.encode())
    tree = reader.read_document(source).tree
    uses = tree.get("stemcells") if isinstance(tree, Mapping) else None
    written = [use for use in uses if isinstance(use, Mapping)] if isinstance(uses, Sequence) else []
    return any(_is_meant(use, one) for use in written for one in records)


def _is_meant(use: Mapping[str, object], one: UploadedStemcell) -> bool:
    is_named = use["name"] == one.name if use.get("name") is not None else use.get("os") == one.os
    return is_named and str(use.get("version")) == one.version


def _creates(plan: Plan, cids: set[tuple[str, StemcellCid]]) -> bool:
    works = (action.work for action in plan.actions)
    return any((work.cloud, work.request.stemcell_cid) in cids for work in works if isinstance(work, CreateVm))
