"""What is there once plans are carried out, what it costs by group, and how long they take.

Takes a Session and plans, gives an Overview.
"""

from collections.abc import Mapping, Sequence

from cpi.contract.values import PreflightRequest, Price
from director import errors
from director.app.checks import pricing
from director.app.sessions import environment_files
from director.app.sessions.session import Session
from director.model.costs import Duration, Overview, PricedGroup, ResourceGroup
from director.model.report import Bill
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.plan.deciding import durations, resource_groups
from director.plan.deciding.preflight_requests import DeploymentStep
from director.ports.runner import Interrupted

LANDING_ZONE = "landing zone"
_ADDRESS = "public_address"
_MEASURED_RUNS = 3
"""The newest runs that ended well; older ones are of another size, perhaps."""


def overview_of(session: Session, steps: Sequence[DeploymentStep], *, is_whole: bool) -> Overview:
    """What the steps lead to. `is_whole`: the landing zone is theirs, too; else it is among `others`, with all
    deployments that the steps do not change. Raises ExplainedError, code `interrupted`.
    """
    landing = landing_group(session)
    groups = (*resource_groups.groups_after(steps), *([landing] if is_whole and landing.requests else []))
    others = (*_others(session, steps), *([landing] if not is_whole and landing.requests else []))
    compiling = _compiling(session, steps)
    refresh(session, [*groups, *others, compiling])
    priced = tuple(price_group(session, group) for group in groups)
    rest = price_group(session, ResourceGroup(name="others", requests=_together(others)))
    return Overview(
        groups=priced,
        bill=bill_of(priced),
        compiling=price_group(session, compiling) if compiling.requests else None,
        others=rest if others and session.world.store.load_environment(session.settings.environment) else None,
        duration=_duration(session, steps),
    )


def refresh(session: Session, groups: Sequence[ResourceGroup]) -> None:
    """Ask the clouds what the groups cost today, for a moment. Raises ExplainedError, code `interrupted`."""
    try:
        pricing.refresh_prices(session, _together(groups))
    except Interrupted as error:
        raise errors.interrupted("compleat") from error


def overview_of_plan(session: Session, plan: Plan) -> Overview:
    """The same of one deployment's plan, from the state as it is saved."""
    state = session.world.store.load_deployment(plan.environment, plan.deployment)
    return overview_of(session, [DeploymentStep(plan=plan, state=state)], is_whole=False)


def present_bill(session: Session) -> Bill:
    """What an hour of the environment costs as it is recorded: all deployments, and the landing zone."""
    refresh(session, _present(session))
    return recorded_bill(session)


def recorded_bill(session: Session) -> Bill:
    """The same by the price lists as they are: no cloud is asked."""
    return bill_of([price_group(session, group) for group in _present(session)])


def whole_bill(overview: Overview) -> Bill:
    """The groups of an overview with the rest of the environment."""
    return bill_of([*overview.groups, *([overview.others] if overview.others else [])])


def landing_group(session: Session) -> ResourceGroup:
    """The landing zone as the environment's file has it, on each of its clouds."""
    requests = {
        name: PreflightRequest(
            landing=cloud.landing.landing_resources(environment_files.landing_spec(session.file, name))
        )
        for name, cloud in session.world.clouds.items()
        if cloud.landing is not None
    }
    return ResourceGroup(name=LANDING_ZONE, requests={name: one for name, one in requests.items() if one.landing})


def price_group(session: Session, group: ResourceGroup) -> PricedGroup:
    """By the lists as they are; no cloud is asked."""
    bill = Bill(
        prices={
            name: prices
            for name, request in group.requests.items()
            if (prices := pricing.list_prices(session, name, request))
        }
    )
    requests = group.requests.values()
    return PricedGroup(
        name=group.name,
        vms=sum(len(request.vms) for request in requests),
        disks=sum(len(request.disks) for request in requests),
        disk_mib=sum(disk.size_mib for request in requests for disk in request.disks),
        addresses=sum(one.kind == _ADDRESS for request in requests for one in request.landing),
        cores=_cores(session, group, bill),
        bill=bill,
    )


def bill_of(groups: Sequence[PricedGroup]) -> Bill:
    """All their prices together; what several groups have is one entry."""
    prices: dict[str, dict[tuple[str, str, str], Price]] = {}
    for group in groups:
        for cloud, listed in group.bill.prices.items():
            of_cloud = prices.setdefault(cloud, {})
            for price in listed:
                key = (price.what, price.currency, price.as_of)
                of_cloud[key] = pricing.added(of_cloud[key], price) if key in of_cloud else price
    return Bill(prices={cloud: tuple(listed.values()) for cloud, listed in prices.items()})


def _present(session: Session) -> tuple[ResourceGroup, ...]:
    return (*_others(session, ()), landing_group(session))


def _cores(session: Session, group: ResourceGroup, bill: Bill) -> int | None:
    vms = {name for name, request in group.requests.items() if request.vms}
    cores = [price.cores for prices in bill.prices.values() for price in prices]
    if vms - bill.prices.keys() or None in cores:
        return None
    return sum(each or 0 for each in cores)


def _others(session: Session, steps: Sequence[DeploymentStep]) -> tuple[ResourceGroup, ...]:
    changed = {step.plan.deployment for step in steps}
    states = session.world.store.list_deployments(session.settings.environment)
    return resource_groups.groups_of([state for state in states if state.deployment not in changed])


def _compiling(session: Session, steps: Sequence[DeploymentStep]) -> ResourceGroup:
    """The largest set of each cloud: each plan's are deleted before the next plan's are created."""
    requests = {
        name: PreflightRequest(
            vms=max((resource_groups.compile_vms(step, name) for step in steps), key=len, default=())
        )
        for name in session.world.clouds
    }
    return ResourceGroup(name="while it compiles", requests={name: one for name, one in requests.items() if one.vms})


def _together(groups: Sequence[ResourceGroup]) -> Mapping[str, PreflightRequest]:
    clouds = sorted({cloud for group in groups for cloud in group.requests})
    return {
        cloud: PreflightRequest(
            vms=tuple(vm for group in groups for vm in group.requests.get(cloud, _NOTHING).vms),
            disks=tuple(disk for group in groups for disk in group.requests.get(cloud, _NOTHING).disks),
            landing=tuple(one for group in groups for one in group.requests.get(cloud, _NOTHING).landing),
        )
        for cloud in clouds
    }


_NOTHING = PreflightRequest()


def _duration(session: Session, steps: Sequence[DeploymentStep]) -> Duration | None:
    """None where nothing is to do."""
    plans: list[Plan] = [plan for step in steps for plan in (step.plan, *step.errands) if not plan.is_empty]
    if not plans:
        return None
    journal = session.world.journal
    runs = [run for run in journal.list_runs(session.settings.environment) if run.state is TaskState.DONE]
    entries = (journal.read_entries(run.id) for run in runs[:_MEASURED_RUNS])
    return durations.duration_of(plans, durations.measure(entries, session.world.store.load_compile_times()))
