"""Drop an instance without VM and disk."""

from director.actions.forget_instance import ForgetInstance
from director.errors import Bug
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: ForgetInstance) -> Result:
    """Make no call. Raises Bug, code `instance-not-empty`, if a VM or disk would be lost."""
    record = context.state.instance(work.instance)
    if record and (record.vm or record.disks):
        raise Bug("instance-not-empty", f"{record.name} still has a VM or a disk, so its record cannot be removed.")
    return Result()
