"""Which step does which kind of work.

Takes a kind, gives its step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Never, cast

from director.execute.steps import (
    apply,
    attach_disk,
    await_agent,
    await_running,
    compile_package,
    create_disk,
    create_landing_resource,
    create_stemcell,
    create_vm,
    delete_disk,
    delete_landing_resource,
    delete_snapshot,
    delete_stemcell,
    delete_vm,
    detach_disk,
    drain,
    finish_instance,
    forget_instance,
    make_secret,
    migrate_disk,
    mount_disk,
    orphan_disk,
    pack_source,
    prepare,
    put_file,
    resize_disk,
    run_errand,
    run_script,
    save_compiled,
    send_packages,
    set_vm_metadata,
    start,
    stop,
    store_package,
    unmount_disk,
)
from director.execute.steps.context import Context
from director.model.entries import Failure, Outcome
from director.ports.runner import Answer


@dataclass(frozen=True, slots=True)
class Step:
    """`do` makes the call; `find` asks whether it had its effect, None where nobody could tell."""

    do: Callable[[Context, Never], Answer]
    find: Callable[[Context, Never], Outcome | Failure | None] | None = None


STEPS: Mapping[str, Step] = {
    "apply": Step(apply.do),
    "attach_disk": Step(attach_disk.do),
    "await_agent": Step(await_agent.do),
    "await_running": Step(await_running.do),
    "compile_package": Step(compile_package.do),
    "create_disk": Step(create_disk.do, create_disk.find),
    "create_landing_resource": Step(create_landing_resource.do, create_landing_resource.find),
    "create_stemcell": Step(create_stemcell.do, create_stemcell.find),
    "create_vm": Step(create_vm.do, create_vm.find),
    "delete_disk": Step(delete_disk.do, delete_disk.find),
    "delete_landing_resource": Step(delete_landing_resource.do),
    "delete_snapshot": Step(delete_snapshot.do),
    "delete_stemcell": Step(delete_stemcell.do),
    "delete_vm": Step(delete_vm.do, delete_vm.find),
    "detach_disk": Step(detach_disk.do),
    "drain": Step(drain.do),
    "finish_instance": Step(finish_instance.do),
    "forget_instance": Step(forget_instance.do),
    "make_secret": Step(make_secret.do),
    "migrate_disk": Step(migrate_disk.do),
    "mount_disk": Step(mount_disk.do),
    "orphan_disk": Step(orphan_disk.do),
    "pack_source": Step(pack_source.do),
    "prepare": Step(prepare.do),
    "put_file": Step(put_file.do),
    "resize_disk": Step(resize_disk.do),
    "run_errand": Step(run_errand.do),
    "run_script": Step(run_script.do),
    "save_compiled": Step(save_compiled.do),
    "send_packages": Step(send_packages.do),
    "set_vm_metadata": Step(set_vm_metadata.do),
    "start": Step(start.do),
    "stop": Step(stop.do),
    "store_package": Step(store_package.do),
    "unmount_disk": Step(unmount_disk.do),
}


def do_step(context: Context) -> Answer:
    """Make the call of the context's action."""
    work = context.call.action.work
    return STEPS[work.kind].do(context, cast(Never, work))


def find_effect(context: Context) -> Outcome | Failure | None:
    """Ask for the effect of the context's action; None: it had none, or doing it again is harmless.

    A Failure says what there is of it where it got half its way.
    """
    work = context.call.action.work
    find = STEPS[work.kind].find
    return find(context, cast(Never, work)) if find else None
