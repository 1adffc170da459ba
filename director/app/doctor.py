"""The use case `doctor`, and the preflight of `up`: everything that can be known before the first create.

Takes a Session, gives findings.
"""

from cpi.values import Finding, PreflightRequest
from director.app.session import Session
from director.errors import InputError, raise_all
from director.model.plan import Plan
from director.model.report import Table
from director.model.work import CreateDisk, CreateVm, DeleteVm


def examine(session: Session) -> tuple[Finding, ...]:
    """Ask every cloud of the environment."""
    clouds = [cloud for _, cloud in sorted(session.world.clouds.items()) if cloud.preflight]
    return tuple(
        finding for cloud in clouds if cloud.preflight for finding in cloud.preflight.preflight(PreflightRequest())
    )


def refuse_fatal(session: Session) -> None:
    """Raise all fatal findings as problems: exit code 3, nothing created."""
    raise_all(fatal_problems(examine(session)))


def refuse_plan(session: Session, plan: Plan) -> None:
    """Ask every cloud about the VMs and disks that a plan would make there; raise what forbids it."""
    found: list[Finding] = []
    for name, cloud in sorted(session.world.clouds.items()):
        request = _request(plan, name)
        if cloud.preflight and (request.vms or request.disks):
            found.extend(cloud.preflight.preflight(request))
    raise_all(fatal_problems(tuple(dict.fromkeys(found))))


def _request(plan: Plan, cloud: str) -> PreflightRequest:
    works = [action.work for action in plan.actions]
    vms = [work.request for work in works if isinstance(work, CreateVm) and work.cloud == cloud]
    disks = [work.request for work in works if isinstance(work, CreateDisk) and work.cloud == cloud]
    leaving = [work.cid for work in works if isinstance(work, DeleteVm) and work.cloud == cloud and work.cid]
    return PreflightRequest(vms=tuple(vms), disks=tuple(disks), leaving=tuple(leaving))


def fatal_problems(findings: tuple[Finding, ...]) -> tuple[InputError, ...]:
    """Those that forbid going on."""
    return tuple(InputError(each.code, each.what, why=each.why, fix=each.fix) for each in findings if each.is_fatal)


def findings_table(findings: tuple[Finding, ...]) -> Table:
    """Findings as rows."""
    rows = tuple(
        {"code": each.code, "forbids": "yes" if each.is_fatal else "no", "what": each.what, "fix": each.fix}
        for each in findings
    )
    return Table(name="findings", columns=("code", "forbids", "what", "fix"), rows=rows, empty="Nothing is wrong.")
