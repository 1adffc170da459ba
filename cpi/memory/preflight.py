"""What the memory cloud would refuse, said beforehand.

Takes a preflight request, gives findings.
"""

from cpi.errors import CloudError, NotSupportedError
from cpi.memory import rules
from cpi.memory.cloud import MemoryCloud
from cpi.values import Finding, PreflightRequest, QuotaNeed


class MemoryPreflight:
    """Implements Preflight of cpi.cloud on a memory cloud."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        with self._cloud.gate.call("preflight"):
            refusals = [*self._refused_vms(request), *self._refused_disks(request)]
            seen = {(refusal.code, refusal.what): _finding(refusal) for refusal in refusals}
            return tuple(seen.values())

    def request_quota(self, need: QuotaNeed) -> str:
        raise NotSupportedError("quota-not-asked-for", "Nobody can raise the limits of a memory cloud.")

    def _refused_vms(self, request: PreflightRequest) -> list[CloudError]:
        refusals, cpus = [], sum(held.size.cpu for held in self._cloud.shelves.vms.values())
        for vm in request.vms:
            try:
                cpus += rules.size_of(self._cloud.rules, vm.cloud_properties).cpu
            except CloudError as error:
                refusals.append(error)
        vms = len(self._cloud.shelves.vms) + len(request.vms)
        try:
            rules.check_vm_quota(self._cloud.rules, vms=vms, cpus=cpus)
        except CloudError as error:
            refusals.append(error)
        return refusals

    def _refused_disks(self, request: PreflightRequest) -> list[CloudError]:
        refusals, disks = [], len(self._cloud.shelves.disks) + len(request.disks)
        for disk in request.disks:
            try:
                rules.check_disk_quota(self._cloud.rules, disks=disks, size_mib=disk.size_mib)
            except CloudError as error:
                refusals.append(error)
        return refusals


def _finding(refusal: CloudError) -> Finding:
    return Finding(code=refusal.code, what=refusal.what, why=refusal.why, fix=refusal.fix)
