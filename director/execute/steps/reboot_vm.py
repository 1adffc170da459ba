"""Reboot an instance's VM."""

from director.actions.reboot_vm import RebootVm
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: RebootVm) -> CidResult | NotYet:
    """Close what is open to its agent, then reboot it; twice is once more."""
    vm = context.vm(work.instance)
    target = context.environment.target_of(vm, context.instance(work.instance).name)
    if target:
        context.world.agent.forget(target)
    calls = long_running.calls_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.reboot_vm(vm.cid))
    return left or CidResult(cid=vm.cid)
