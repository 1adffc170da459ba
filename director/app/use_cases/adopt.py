"""The use case `adopt`: a state that was lost, or is older than its clouds, rebuilt from what they have.

Takes a Session and the manifests that were deployed, gives what was recorded. Nothing is created, changed or deleted in
a cloud. Interrupted, the same command continues.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.app.landing import jumpboxes, landing_zones, recorded_resources
from director.app.landing.recorded_resources import Key
from director.app.sessions import fingerprints, planned, stock_images
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.tasks.running import HeldDeployment
from director.app.use_cases import deploy as deploying
from director.app.use_cases import fix
from director.app.use_cases.deploy import DeployRequest
from director.errors import InputError, StateError
from director.execute import fold
from director.model.environments.desired import Desired, VariableSpec
from director.model.environments.environment import Environment
from director.model.environments.observed import CloudInventory
from director.model.environments.state import SecretRecord
from director.model.report import Table
from director.model.tasks.caller import Caller
from director.observe import front as observing
from director.plan import front as planning
from director.plan.front import Adoption
from director.report import adoption_rows

Row = Mapping[str, JsonValue]
Confirm = Callable[[Table], None]
"""Shows what will be recorded of a deployment and asks; raises to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRequest:
    """`manifests` are those that were deployed, in the order in which they would be deployed."""

    manifests: tuple[ManifestFiles, ...]
    caller: Caller


def adopt(session: Session, request: AdoptRequest, confirm: Confirm) -> Table:
    """Record the environment, its jumpboxes and the deployments of these manifests; list what else there is.

    Raises InputError: nothing-to-adopt, environment-moved; StateError: ssh-key-lost, adopt-secret-missing,
    vms-ambiguous, disks-ambiguous; and what reading a manifest raises.
    """
    fingerprints.report_clouds(session)
    environment = _environment(session, request.caller)
    rows: list[Row] = []
    if jumpboxes.are_wanted(session):
        files = jumpboxes.manifest_files(session, environment, {})
        rows += _adopt_deployment(session, environment, files, caller=request.caller, confirm=confirm)
        environment = fix.pin_jumpboxes(session, environment, caller=request.caller)
    for files in request.manifests:
        rows += _adopt_deployment(session, environment, files, caller=request.caller, confirm=confirm)
    return adoption_rows.table([*rows, *_others(session, environment)])


def _environment(session: Session, caller: Caller) -> Environment:
    """The environment as its clouds have it: what is recorded of it, or a new record with the login that it has."""
    store, name = session.world.store, session.settings.environment
    saved = store.load_environment(name)
    made_on = landing_zones.fingerprints_to_save(session, saved)
    environment = saved or _lost_environment(session)
    with running.hold_deployment(session, environment, ENVIRONMENT_ITSELF, caller=caller) as held:
        landed = landing_zones.observe_landing(session, replace(environment, fingerprints=made_on))
        if landed != saved:
            store.save_environment(held.lease, landed)
    return landed


def _lost_environment(session: Session) -> Environment:
    name = session.settings.environment
    inventories = [recorded_resources.take_inventory(session, cloud) for cloud in session.world.clouds]
    if not any(each.vms or each.disks or each.landing for each in inventories):
        raise InputError(
            "nothing-to-adopt",
            f"The clouds have nothing of environment '{name}'.",
            why="No VM, disk or network has its owner key.",
            fix="Check -e, the environment's file and the login; `compleat up` builds a new environment.",
        )
    if not session.world.vault.secret_versions([f"/{name}/ssh_key"]):
        raise _key_lost(name)
    return landing_zones.new_environment(session)


def _adopt_deployment(
    session: Session, environment: Environment, files: ManifestFiles, *, caller: Caller, confirm: Confirm
) -> Sequence[Row]:
    desired = deploying.read(session, environment, DeployRequest(files=files, caller=caller))
    with running.hold_deployment(session, environment, desired.deployment, caller=caller) as held:
        known = stock_images.with_known_stemcells(session, environment, desired)
        observed = observing.observe_to_adopt(session.world, environment, desired=desired, state=held.state)
        adoption = planning.make_adoption(desired, observed, planned.plain_request(known))
        pairs = [(each.record, each.difference) for each in adoption.instances]
        rows = tuple(adoption_rows.adopted_rows(str(desired.deployment), pairs, adoption.missing))
        if adoption.instances:
            confirm(adoption_rows.table(rows))
            _record(session, held, desired, adoption=adoption)
    return rows


def _record(session: Session, held: HeldDeployment, desired: Desired, *, adoption: Adoption) -> None:
    """The secrets first: from then on one that the vault loses is missed."""
    secrets = {each.name: _secret(session, each) for each in desired.variables}
    known = replace(held.state, secrets={**secrets, **held.state.secrets})
    if adoption.plan.is_empty:
        whole = replace(
            fold.fold_records(known, adoption.plan),
            manifest=desired.manifest,
            links=desired.links,
            packages=desired.packages_by_release(),
        )
        session.world.store.save_deployment(held.lease, whole)
        return
    saved = session.world.store.save_deployment(held.lease, known)
    running.run_plan(session, replace(held, state=saved), adoption.plan)


def _secret(session: Session, variable: VariableSpec) -> SecretRecord:
    vault = session.world.vault
    version = vault.secret_versions([variable.name]).get(variable.name, 1)
    shown = vault.shown_options(variable)
    return shown or SecretRecord(version=version, type=variable.type, options=variable.options)


def _others(session: Session, environment: Environment) -> Iterator[Row]:
    """What clouds have and no record names, and what records name and no cloud has."""
    inventories = [recorded_resources.take_inventory(session, cloud) for cloud in session.world.clouds]
    recorded = recorded_resources.list_recorded(session, environment)
    for inventory in inventories:
        yield from _unrecorded(inventory, recorded)
    found = set(recorded_resources.keys_in(inventories))
    for key, words in recorded.items():
        if key not in found:
            yield adoption_rows.other_row("", words.name, state=f"recorded {words.kind} is gone")


def _unrecorded(inventory: CloudInventory, recorded: Mapping[Key, object]) -> Iterator[Row]:
    for vm in inventory.vms:
        if Key(kind="vm", cloud=inventory.cloud, cid=vm.created.cid) not in recorded:
            yield adoption_rows.other_row(str(vm.owner.deployment), f"VM {vm.created.cid}", tags=vm.tags)
    for disk in inventory.disks:
        if Key(kind="disk", cloud=inventory.cloud, cid=disk.cid) not in recorded:
            yield adoption_rows.other_row(str(disk.owner.deployment), f"disk {disk.cid}", tags=disk.tags)


def _key_lost(name: str) -> StateError:
    return StateError(
        "ssh-key-lost",
        f"The SSH key of environment '{name}' is lost: its VMs accept no other.",
        why=f"The vault has no secret '/{name}/ssh_key', so agents cannot be asked what they run.",
        fix="Put the folder vault and vault.key back from a backup. Without them run `compleat up` and deploy each "
        "manifest: VMs are recreated with another key, disks are kept.",
    )
