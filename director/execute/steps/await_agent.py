"""Wait until a VM's agent answers."""

from cpi.contract.errors import CloudError, DeniedError
from director.actions.await_agent import AwaitAgent, AwaitAgentResult
from director.errors import UnreachableError
from director.execute.retry import HOPELESS
from director.execute.steps import vm_reachability
from director.execute.steps.context import StepContext
from director.execute.steps.vm_reachability import VmReachability
from director.model.environments.state import VmRecord
from director.model.tasks.entries import Failure
from director.ports.runner import Answer, NotYet

_CONSOLE_LINES = 10
_LOOKS_A_QUESTION = 8
"""So many looks for the agent go with one question to the cloud whether the VM runs at all."""


def do(context: StepContext, work: AwaitAgent) -> Answer:
    """Try once; gives NotYet until the time is up, then a failure that names the leg that broke."""
    if work.instance is not None:
        vm, name = context.vm(work.instance), context.instance(work.instance).name
    else:
        vm, name = context.compiler(work.of_compiler()), work.of_compiler()
    try:
        known = context.world.agent.connect(context.target_of(vm, name))
    except UnreachableError as error:
        return _not_yet(context, work, vm=vm, error=error)
    return AwaitAgentResult(cid=vm.cid, identity=known.identity)


def _not_yet(context: StepContext, work: AwaitAgent, *, vm: VmRecord, error: UnreachableError) -> NotYet | Failure:
    waited_s = context.world.clock.now() - context.call.began_at
    asked = context.call.asked
    is_over = error.code in HOPELESS or waited_s >= work.timeout_s
    is_question = is_over or (asked + 1) % _LOOKS_A_QUESTION == 0
    reachability = _reachability(context, vm, is_over=is_over) if is_question else VmReachability.UNKNOWN
    if not is_over and not vm_reachability.is_lost(reachability):
        after_s = context.timeouts.agent_poll_s * 1.3**asked
        return NotYet(after_s=min(after_s, context.timeouts.agent_poll_most_s), text=error.what)
    return Failure(
        code=error.code,
        what=error.what,
        why=f"{error.why} {vm_reachability.describe(reachability, vm.cid)} Waited {waited_s:.0f} s.".strip(),
        fix=error.fix or "Check the console log; delete the VM and run the command again to recreate it.",
        output=_console(context, vm),
    )


def _reachability(context: StepContext, vm: VmRecord, *, is_over: bool) -> VmReachability:
    """What the cloud says. Raises DeniedError while there is patience left, which would be for nothing."""
    try:
        return context.reachability_of(vm)
    except DeniedError:
        if not is_over:
            raise
        return VmReachability.UNKNOWN


def _console(context: StepContext, vm: VmRecord) -> str:
    console = context.cloud(vm.cloud).console
    if console is None:
        return ""
    try:
        return "\n".join(console.console_log(vm.cid).splitlines()[-_CONSOLE_LINES:])
    except CloudError:
        return ""
