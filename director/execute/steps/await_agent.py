"""Wait until a VM's agent answers. Facts: guest_version, python, host_key, cid."""

from cpi.errors import CloudError
from cpi.values import OwnerQuery, VmState
from director.errors import UnreachableError
from director.execute.retry import HOPELESS
from director.execute.steps.context import Context
from director.model.entries import Failure, Outcome
from director.model.state import VmRecord
from director.model.work import AwaitAgent
from director.ports.runner import Answer, NotYet

_CONSOLE_LINES = 10


def do(context: Context, work: AwaitAgent) -> Answer:
    """Try once; gives NotYet until the time is up, then a failure that names the leg that broke."""
    if work.instance is not None:
        vm, name = context.vm(work.instance), context.instance(work.instance).name
    else:
        vm, name = context.compiler(work.compiler), work.compiler
    try:
        known = context.world.agent.connect(context.target_of(vm, name))
    except UnreachableError as error:
        return _not_yet(context, work, vm=vm, error=error)
    return Outcome(
        facts={"cid": vm.cid, "guest_version": known.guest_version, "python": known.python, "host_key": known.host_key}
    )


def _not_yet(context: Context, work: AwaitAgent, *, vm: VmRecord, error: UnreachableError) -> NotYet | Failure:
    waited_s = context.world.clock.now() - context.call.began_at
    if error.code not in HOPELESS and waited_s < work.timeout_s:
        after_s = context.timeouts.agent_poll_s * 1.3**context.call.asked
        return NotYet(after_s=min(after_s, context.timeouts.agent_poll_most_s), text=error.what)
    return Failure(
        code=error.code,
        what=error.what,
        why=f"{error.why} {_word_of_cloud(context, vm)} Waited {waited_s:.0f} s.".strip(),
        fix=error.fix or "See the console log; delete the VM and run the command again to have it made anew.",
        output=_console(context, vm),
    )


def _word_of_cloud(context: Context, vm: VmRecord) -> str:
    cloud = context.cloud(vm.cloud)
    try:
        if not cloud.cloud.has_vm(vm.cid):
            return f"The cloud has no VM '{vm.cid}' any more."
        if cloud.finder is None:
            return f"The cloud has VM '{vm.cid}'."
        query = OwnerQuery(environment=context.environment.name, deployment=context.state.deployment)
        states = [found.state for found in cloud.finder.find_vms(query) if found.created.cid == vm.cid]
        is_stopped = VmState.STOPPED in states
        return f"The cloud says VM '{vm.cid}' is {'stopped' if is_stopped else 'running'}."
    except CloudError as error:
        return f"The cloud does not say how VM '{vm.cid}' is ({error.code})."


def _console(context: Context, vm: VmRecord) -> str:
    console = context.cloud(vm.cloud).console
    if console is None:
        return ""
    try:
        return "\n".join(console.console_log(vm.cid).splitlines()[-_CONSOLE_LINES:])
    except CloudError:
        return ""
