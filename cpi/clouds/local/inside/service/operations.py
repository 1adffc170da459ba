"""The table of what the service can do, and the one way in: one changing operation at a time. Only files that have no
place any more are deleted beside others.

Takes a request line, gives an answer line. Refusals travel as CloudError; any other exception is reported with the last
line of its traceback; all of it is in the log.
"""

import errno
import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

from cpi.clouds.local.inside.networks import load_balancers, nat_gateways, networks, route_tables
from cpi.clouds.local.inside.records import locks
from cpi.clouds.local.inside.service import sweep, wire
from cpi.clouds.local.inside.system import contents, log, refusals, storage_accounts
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import disks, stemcells, vms
from cpi.contract.errors import CloudError, TransientError

_CLOSING = "closing"

_CHANGES: dict[str, Callable[[Site, Any], object]] = {
    "create_network": networks.create_network,
    "delete_network": networks.delete_network,
    "create_address": networks.create_address,
    "delete_address": networks.delete_address,
    "create_balancer": load_balancers.create_balancer,
    "delete_balancer": load_balancers.delete_balancer,
    "create_table": route_tables.create_table,
    "delete_table": route_tables.delete_table,
    "create_gateway": nat_gateways.create_gateway,
    "delete_gateway": nat_gateways.delete_gateway,
    "create_account": storage_accounts.create_account,
    "delete_account": storage_accounts.delete_account,
    "create_container": storage_accounts.create_container,
    "delete_container": storage_accounts.delete_container,
    "create_stemcell": stemcells.create_stemcell,
    "delete_stemcell": stemcells.delete_stemcell,
    "create_vm": vms.create_vm,
    "delete_vm": vms.delete_vm,
    "start_vm": vms.start_vm,
    "stop_vm": vms.stop_vm,
    "reboot_vm": vms.reboot_vm,
    "set_vm_tags": vms.set_vm_tags,
    "create_disk": disks.create_disk,
    "delete_disk": disks.delete_disk,
    "attach_disk": disks.attach_disk,
    "detach_disk": disks.detach_disk,
    "resize_disk": disks.resize_disk,
    "set_disk_tags": disks.set_disk_tags,
    "snapshot_disk": disks.snapshot_disk,
    "delete_snapshot": disks.delete_snapshot,
    "sweep": lambda site, _: sweep.run(site),
    "clear": contents.clear,
}


def answer(site: Site, version: str, line: bytes) -> bytes:
    """Do what a request line asks and give the answer line."""
    operation, arguments = wire.read_request(line)
    if operation == "ping":
        return wire.write_done(version)
    if operation == "quit":
        os.kill(os.getppid(), signal.SIGTERM)
        return wire.write_done(None)
    try:
        return wire.write_done(_change(site, operation, arguments))
    except CloudError as error:
        return wire.write_error(error)
    except OSError as error:
        log.say(traceback.format_exc())
        return wire.write_error(_explain(operation, error))


def _change(site: Site, operation: str, arguments: Any) -> object:
    change = _CHANGES.get(operation)
    if change is None:
        raise CloudError("unknown-operation", f"The cloud's service does not support '{operation}'.")
    if operation == "delete_vm":  # VMs end in parallel, not one after the other
        vms.end_processes(site, arguments)
    try:
        with locks.alone(f"{site.state}/op.lock"):
            if contents.is_closing(site):
                raise TransientError(_CLOSING, "The cloud is being removed.", fix="Run the same command again.")
            return change(site, arguments)
    finally:
        contents.remove_set_aside(site)


def _explain(operation: str, error: OSError) -> CloudError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return refusals.disk_full(f"{operation}: {error}")
    return TransientError("operation-failed", f"The local cloud could not {operation}.", why=str(error))
