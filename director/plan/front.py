"""The room's front door: what is wanted against what is, as a plan.

Takes Desired and Observed, or inventories; gives a Plan. Pure: the same in, the same out.
"""

from collections.abc import Collection, Iterable, Sequence

from director.model.environments.cloud_problem import ChosenResolution, CloudProblem
from director.model.environments.desired import Desired
from director.model.environments.observed import CloudInventory, Observed
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.ids import ActionId, InstanceId
from director.model.tasks.plan import Plan
from director.plan import network_lifecycle, order, stemcell_creation
from director.plan.acting import (
    adoption,
    deployment,
    errands,
    kept_disks,
    package_storage,
    resolutions,
    teardown,
    variables,
)
from director.plan.acting import plan_input as scenes
from director.plan.acting.adoption import Adoption as Adoption
from director.plan.acting.kept_disks import KeptSnapshot, OrphanedDisk
from director.plan.acting.package_storage import StoredPackage
from director.plan.acting.variables import OutdatedOption
from director.plan.deciding import instance_changes, scanned_problems
from director.plan.environments import landing, stemcells
from director.plan.environments.stemcells import WantedStemcell
from director.plan.request import EnvironmentRequest, ErrandRequest, LandingNeed, PlanRequest


def make_plan(desired: Desired, observed: Observed, request: PlanRequest) -> Plan:
    """Plan a deploy. Empty when everything is as desired.

    Raises InputError (address-pool-empty, address-taken, address-changes-hands, static-ips-uneven,
    static-ip-outside-azs, stemcell-missing, disk-missing, secret-lost), AgentError (jumpbox-silent, agent-silent), all
    problems of a kind at once; Bug: plan-cycle.
    """
    inputs = scenes.build_plan_input(desired, observed, request)
    parts = deployment.converge(inputs)
    made = stemcell_creation.with_stemcells(parts.actions, desired.stock, inputs.factory)
    networked = network_lifecycle.with_networks(made, desired, observed, factory=inputs.factory)
    unused = network_lifecycle.delete_unused(networked, observed, inputs.factory, used=desired.used_networks())
    actions = order.order_actions((*networked, *unused))
    return Plan(
        run=request.run,
        environment=desired.environment,
        deployment=desired.deployment,
        actions=actions,
        gates=parts.gates,
        records=parts.records,
        manifest=desired.manifest,
        links=desired.links,
        packages=desired.packages_by_release(),
        dns=parts.dns,
        kept=sum(not found for found in inputs.changes.values()),
        stopped=inputs.stopped,
        changes=instance_changes.instance_changes(
            actions,
            known=inputs.observed.state.instances,
            planned=[target.record for target in inputs.targets],
            desired=desired,
            canaries=parts.canaries,
        ),
    )


def make_adoption(desired: Desired, observed: Observed, request: PlanRequest) -> Adoption:
    """Plan to record what is there as the manifest says, where agents show it. Creates and deletes nothing.

    Raises StateError: vms-ambiguous, adopt-secret-missing; and what placing instances raises.
    """
    return adoption.plan_adoption(desired, observed, request)


def outdated_options(desired: Desired, state: DeploymentState, plan: Plan) -> tuple[OutdatedOption, ...]:
    """Options of variables that differ from those that secrets, which the plan keeps, were generated with."""
    return variables.outdated_options(desired, state, plan)


def make_errand_plan(desired: Desired, observed: Observed, request: PlanRequest, *, errand: ErrandRequest) -> Plan:
    """Plan one errand: run it on service instances, or make its VMs, run it on the first, take them away again.

    `desired` is the deployment as deployed. Raises InputError: errand-unknown, errand-nowhere,
    errand-instance-stopped; and what make_plan raises.
    """
    return errands.plan_errand(desired, observed, request, errand=errand)


def scan_problems(observed: Observed, *, resumed: Collection[InstanceId] = ()) -> tuple[CloudProblem, ...]:
    """Where a deployment's records differ from what its clouds and agents report.

    `resumed` are instances whose resolution was interrupted. Raises AgentError, code `jumpbox-silent`.
    """
    return scanned_problems.scan_problems(observed, resumed=resumed)


def needs_desired(chosen: Iterable[ChosenResolution]) -> bool:
    """Whether a resolution updates an instance, for which the deployment as deployed must be known."""
    return any(each.resolution in resolutions.UPDATING for each in chosen)


def resolved_instances(plan: Plan) -> frozenset[InstanceId]:
    """The instances that a plan of resolutions changes; none of any other plan."""
    return resolutions.resolved_instances(plan)


def make_resolution_plan(
    desired: Desired | None, observed: Observed, request: PlanRequest, *, chosen: Sequence[ChosenResolution]
) -> Plan:
    """Plan what is to be done about the problems of a deployment.

    `desired` is the deployment as deployed; None where no resolution needs it. Raises what make_plan raises.
    """
    return resolutions.plan_resolutions(desired, observed, request, chosen=chosen)


def make_orphaning_plan(
    state: DeploymentState, request: PlanRequest, *, record: InstanceRecord, disk: DiskRecord
) -> Plan:
    """Plan to let go of a disk of an instance that has no VM."""
    return kept_disks.plan_orphaning(state, request, record=record, disk=disk)


def make_attaching_plan(
    state: DeploymentState, request: PlanRequest, *, record: InstanceRecord, disk: OrphanedDisk
) -> Plan:
    """Plan to give an orphaned disk to a stopped instance; the one that it has is orphaned."""
    return kept_disks.plan_attaching(state, request, record=record, disk=disk)


def make_snapshot_plan(state: DeploymentState, request: PlanRequest, *, records: Iterable[InstanceRecord]) -> Plan:
    """Plan a snapshot of each persistent disk of these instances; empty without any."""
    return kept_disks.plan_snapshots(state, request, records=records)


def make_disk_deletion_plan(
    request: EnvironmentRequest, orphans: Sequence[OrphanedDisk], snapshots: Sequence[KeptSnapshot]
) -> Plan:
    """Plan the deletion of orphaned disks and snapshots."""
    return kept_disks.plan_deletions(request, orphans, snapshots)


def make_package_deletion_plan(request: EnvironmentRequest, packages: Sequence[StoredPackage]) -> Plan:
    """Plan the deletion of packages from the clouds' object storage."""
    return package_storage.delete_packages(request, packages)


def make_teardown_plan(observed: Observed, request: PlanRequest) -> Plan:
    """Plan the end of a deployment; its disks stay as orphans unless the request deletes them.

    A request that forces asks no agent. Raises AgentError: jumpbox-silent, agent-silent.
    """
    return teardown.plan_teardown(observed, request)


def make_environment_plan(request: EnvironmentRequest, needs: Sequence[LandingNeed]) -> Plan:
    """Plan what is missing of landing zones and stemcells; empty when nothing is. Raises InputError: landing-order."""
    return landing.plan_environment(request, needs)


def make_sweep_plan(request: EnvironmentRequest, inventories: Sequence[CloudInventory]) -> Plan:
    """Plan the end of an environment from what its clouds have; nothing saved is needed. Empty when nothing is left."""
    return landing.plan_sweep(request, inventories)


def make_upload_plan(request: EnvironmentRequest, wanted: Sequence[WantedStemcell]) -> Plan:
    """Plan the creation of uploaded stemcells, each on its cloud."""
    return stemcells.plan_upload(request, wanted)


def upload_action(request: EnvironmentRequest, wanted: WantedStemcell) -> ActionId:
    """The id of the action that creates one in that plan."""
    return stemcells.action_of(request, wanted)


def make_stemcell_deletion_plan(request: EnvironmentRequest, uploaded: Sequence[UploadedStemcell]) -> Plan:
    """Plan the deletion of uploaded stemcells, each from its cloud."""
    return stemcells.plan_deletion(request, uploaded)
