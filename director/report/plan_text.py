"""A plan for people: what becomes of each instance and why, what of the manifest changed, what happens to data.

Takes a Plan, gives lines of 80 columns at most (a name is never broken).
"""

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.actions.compile_package import CompilePackage
from director.actions.make_secret import MakeSecret
from director.actions.run_script import RunScript
from director.actions.take_compiled import TakeCompiled
from director.model.counting import count_text
from director.model.ids import OwnerName
from director.model.tasks.plan import THERE, Action, Becomes, InstanceChange, LostDisk, ManifestDifference, Plan
from director.model.tasks.stored_plan import KEPT_DAYS, StoredPlan
from director.model.tasks.work import VmWork
from director.report.tables import aligned

_WIDTH = 80
_NAMED = 8
"""So many packages, secrets or instances are named; the others are counted."""
_COMMAND = re.compile(r"`compleat [^`]*`")
_NO_BREAK = "\u00a0"
_SIGNS = {Becomes.NEW: "+", Becomes.RECREATED: "±", Becomes.DELETED: "-"}


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """The plan as lines; an empty plan is one line that says so."""
    if plan.is_empty:
        return (
            f"Deployment '{plan.deployment}': nothing to change ({count_text(plan.kept, 'instance')} unchanged).",
            *stopped_lines(plan.deployment, plan.stopped),
        )
    return tuple(_lines(plan))


def stopped_lines(deployment: OwnerName | str, stopped: Sequence[str]) -> tuple[str, ...]:
    """The instances that a user stopped, with what starts them; nothing without any."""
    if not stopped:
        return ()
    text = f"{_named(stopped)}; `compleat start -d {deployment}` starts them."
    return tuple(_wrapped("  stopped on purpose: ", text))


def action_lines(plan: Plan) -> tuple[str, ...]:
    """The actions of a plan, by what they are about."""
    return tuple(_of_actions(plan.actions))


def difference_lines(differences: Iterable[ManifestDifference]) -> tuple[str, ...]:
    """Each value of two manifests that differs, old -> new, after the name of its instance group."""
    each = list(differences)
    groups = {one.group for one in each if one.group}
    return tuple(_of_manifest(each, indent="", is_naming_group=bool(groups)))


def stored_lines(stored: StoredPlan, file: str = "") -> tuple[str, ...]:
    """How to apply a stored plan, by the file that names it if there is one."""
    if file:
        return (
            f"Stored as plan {stored.number}, for {KEPT_DAYS} days, and written to {file}.",
            "To apply exactly this plan:",
            f"  compleat deploy {shlex.quote(file)} -e {stored.plan.environment}",
        )
    return (
        f"Stored as plan {stored.number}, for {KEPT_DAYS} days. To apply exactly this plan:",
        f"  compleat deploy --plan {stored.number} -e {stored.plan.environment}",
    )


def _lines(plan: Plan) -> Iterator[str]:
    is_whole = plan.deployment is ENVIRONMENT_ITSELF
    yield f"Environment '{plan.environment}':" if is_whole else f"Deployment '{plan.deployment}':"
    yield from _wrapped("  secrets: ", _named(_subjects(plan, MakeSecret)))
    compilers = {action.subject for action in plan.actions if _is_of_compiler(action)}
    on = f" on {count_text(len(compilers), 'VM')}" if compilers else ""
    yield from _wrapped(f"  packages to compile{on}: ", _named(_subjects(plan, CompilePackage)))
    yield from _wrapped("  packages from the storage: ", _named(_subjects(plan, TakeCompiled)))
    yield from _of_manifest(each for each in plan.differences if not each.group)
    yield from _of_instances(plan)
    changed = {change.name for change in plan.changes}
    yield from _of_actions([action for action in plan.actions if not _is_summed_up(action, changed)])
    after = [action.subject for action in plan.actions if _is_post_deploy(action)]
    yield from _wrapped("  post-deploy scripts: ", _named(after))
    yield from _of_data(plan.changes)
    yield f"  {count_text(len(plan.actions), 'action')}; {count_text(plan.kept, 'instance')} unchanged."
    yield from stopped_lines(plan.deployment, plan.stopped)
    for width in dict.fromkeys(gate.width for gate in plan.gates):
        names = _named([gate.name for gate in plan.gates if gate.width == width])
        yield from _wrapped("  ", f"at most {width} at a time{' in each' if ',' in names else ''}: {names}")


def _is_summed_up(action: Action, changed: set[str]) -> bool:
    """Whether it has lines of its own: those of instances, packages, compile VMs and secrets."""
    is_of_package = action.subject.startswith("package ") or _is_of_compiler(action)
    is_summed_up = isinstance(action.work, MakeSecret) or _is_post_deploy(action)
    return action.subject in changed or is_of_package or is_summed_up


def _is_post_deploy(action: Action) -> bool:
    return isinstance(action.work, RunScript) and action.work.is_post_deploy


def _is_of_compiler(action: Action) -> bool:
    return isinstance(action.work, VmWork) and action.work.compiler is not None


def _subjects(plan: Plan, kind: type) -> list[str]:
    """The names of packages or secrets; a secret of the deployment's own by its last part."""
    own = f"/{plan.environment}/{plan.deployment}/"
    subjects = (action.subject for action in plan.actions if isinstance(action.work, kind))
    return list(dict.fromkeys((each.partition(" ")[2] or each).removeprefix(own) for each in subjects))


def _of_instances(plan: Plan) -> Iterator[str]:
    """A line for each, and below those of a group that change for the same reasons, the reasons once."""
    rows = aligned([_row(change) for change in plan.changes])
    listed = zip(plan.changes, rows, strict=True)
    shown: set[str] = set()
    for (becomes, reasons), members in groupby(listed, key=lambda pair: (pair[0].becomes, pair[0].reasons)):
        same = list(members)
        yield from (f"  {row}" for _, row in same)
        if becomes is not Becomes.NEW:
            yield from _wrapped("      ", "; ".join(reasons))
        if becomes in (Becomes.UPDATED, Becomes.RECREATED):
            groups = {change.group for change, _ in same} - shown
            shown |= groups
            of_them = [each for each in plan.differences if each.group in groups]
            yield from _of_manifest(of_them, indent="      ", is_naming_group=len(groups) > 1)


def _row(change: InstanceChange) -> Sequence[str]:
    disk = f"disk {_size(change.disk_mib)}" if change.disk_mib and change.becomes is not Becomes.DELETED else ""
    about = (change.az or "", change.size, ", ".join(change.addresses), disk)
    return (f"{_SIGNS.get(change.becomes, '~')} {change.name}", change.becomes.value, *about)


def _of_manifest(
    differences: Iterable[ManifestDifference], *, indent: str = "  ", is_naming_group: bool = False
) -> Iterator[str]:
    for each in differences:
        if each.before is None:
            text = "added" if each.after == THERE else f"{each.after} (added)"
        elif each.after is None:
            text = "removed" if each.before == THERE else f"{each.before} removed"
        else:
            text = f"{each.before} -> {each.after}" if each.before != each.after else "changed"
        group = f"{each.group}: " if is_naming_group and each.group else ""
        yield from _wrapped(f"{indent}{group}{each.path}: ", text)


def _of_data(changes: Iterable[InstanceChange]) -> Iterator[str]:
    lost = [(change, disk) for change in changes for disk in change.lost_disks]
    if lost:
        yield "  DATA:"
    for change, disk in lost:
        name = f"disk '{disk.name}'" if disk.name else "persistent disk"
        yield from _wrapped(f"    {change.name}: ", f"{name} of {_size(disk.size_mib)} {_fate(disk)}")


def _fate(disk: LostDisk) -> str:
    if disk.is_deleted:
        return "is DELETED with its data"
    if disk.is_copied:
        return "is copied to the new disk, and becomes an orphan"
    return "becomes an orphan: its data stay until `compleat down`"


def _of_actions(actions: Sequence[Action]) -> Iterator[str]:
    for subject, of_it in _by_subject(actions):
        reasons = "; ".join(dict.fromkeys(action.reason for action in of_it if action.reason))
        yield from _wrapped(f"  {_sign(of_it)} {subject}: ", f"{_kinds(of_it)}{f' ({reasons})' if reasons else ''}")


def _by_subject(actions: Sequence[Action]) -> list[tuple[str, list[Action]]]:
    order = {subject: at for at, subject in enumerate(dict.fromkeys(action.subject for action in actions))}
    ordered = sorted(actions, key=lambda action: order[action.subject])
    return [(subject, list(of_it)) for subject, of_it in groupby(ordered, key=lambda action: action.subject)]


def _sign(actions: list[Action]) -> str:
    signs = {action.work.facts.sign for action in actions}
    if "+" in signs and "-" in signs:
        return "±"
    return next((sign for sign in "+-" if sign in signs), "~")


def _kinds(actions: list[Action]) -> str:
    """Each kind once, with the names of the disks that it is done to."""
    disks: dict[str, list[str]] = {}
    for action in actions:
        names = disks.setdefault(action.work.kind.replace("_", " "), [])
        if action.work.disk_name and action.work.disk_name not in names:
            names.append(action.work.disk_name)
    return ", ".join(f"{kind} ({', '.join(names)})" if names else kind for kind, names in disks.items())


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _wrapped(start: str, text: str) -> Iterator[str]:
    if text:
        indent = " " * (len(start) - len(start.lstrip()) + 4)
        # A command to type stays on one line.
        whole = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), f"{start}{text}")
        wrapped = textwrap.wrap(whole, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        yield from (line.replace(_NO_BREAK, " ") for line in wrapped)


def _size(mib: int) -> str:
    return f"{mib // 1024} GiB" if mib % 1024 == 0 else f"{mib} MiB"
