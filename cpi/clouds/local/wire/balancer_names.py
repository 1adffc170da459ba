"""Load balancers that VMs name, against those that there are.

Takes a state directory and cloud properties, gives findings.
"""

from collections.abc import Iterable

from cpi.clouds.local.inside.records import balancer_records
from cpi.clouds.local.wire.config import VmProperties
from cpi.contract.values import Finding
from cpi.kit import judge


def findings(state: str, vms: Iterable[VmProperties], *, made: Iterable[str] = ()) -> list[Finding]:
    """One for each name that is neither there nor among those that a plan has `made`."""
    known = {*made, *(one["name"] for one in balancer_records.list_balancers(state))}
    named = dict.fromkeys(name for vm in vms for name in vm.load_balancers if name not in known)
    where, setting = "The local cloud", "load_balancers"
    return [judge.unknown_name("load balancer", name, known, where=where, setting=setting) for name in named]
