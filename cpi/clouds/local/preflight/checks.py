"""PREFLIGHT: everything that can be known before the first create; what `compleat doctor` shows of this cloud.

Takes what a plan will ask for, gives findings. Tries the namespaces for real and leaves nothing behind.
"""

import os
from collections.abc import Mapping

from cpi.clouds.local.host import host_probe as probes
from cpi.clouds.local.host import packet_facts, remedies, state_directory
from cpi.clouds.local.host import state_root as places
from cpi.clouds.local.images import host_stemcell
from cpi.clouds.local.inside.records import address_holders, locks, records
from cpi.clouds.local.inside.system.modes import Mode
from cpi.clouds.local.preflight import network_checks
from cpi.clouds.local.wire import balancer_names, config
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import Finding, JsonValue, PreflightRequest, QuotaNeed
from cpi.kit import judge

_VM_BYTES = 1 << 20
_SPARE_BYTES = 256 << 20
_MIB = 1 << 20
_IPV6 = "/proc/sys/net/ipv6"
"""Absent from a kernel without IPv6."""


class LocalPreflight:
    def __init__(self, place: places.StateRoot, mode: Mode | None) -> None:
        self._place = place
        self._mode = mode

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        findings = [*_stemcells(request), *self._properties(request), *self._networks(request), *self._state(request)]
        findings += self._balancers(request)
        findings += packet_facts.findings({one.kind for one in (*request.landing, *request.changed)})
        if not locks.find_holder(f"{self._place.state}/lock"):
            probe = probes.run_probe((self._mode,) if self._mode else ())
            findings += remedies.describe_probe(probe)
        return tuple(findings)

    def request_quota(self, need: QuotaNeed) -> str:
        raise NotSupportedError("quota-not-asked-for", "The local cloud has no quotas: the machine is the limit.")

    def _properties(self, request: PreflightRequest) -> list[Finding]:
        """Refusals, and a remark for each kind of thing about what is recorded and acted on by nothing."""
        found = [_read(config.VmProperties, vm.cloud_properties, where="a VM") for vm in request.vms]
        found += [_read(config.DiskProperties, disk.cloud_properties, where="a disk") for disk in request.disks]
        written = {
            "VM": [one.cloud_properties for one in request.vms],
            "disk": [one.cloud_properties for one in request.disks],
            "network": [one.cloud_properties for vm in request.vms for one in vm.networks],
        }
        read = {
            "network": tuple(config.NetworkProperties.model_fields),
            "VM": ("load_balancers", "load_balancer_nat_rules", "ip_forwarding"),
        }
        why = "It sets no limits: its VMs share this machine, and its disks are directories."
        refusals = [finding for finding in found if finding]
        return refusals or list(judge.unread(written, read, cloud="the local cloud", why=why))

    def _balancers(self, request: PreflightRequest) -> list[Finding]:
        """Load balancers that VMs name, against those that there are or that the plan makes."""
        written = [vm.cloud_properties for vm in request.vms]
        readable = [one for one in written if _read(config.VmProperties, one, where="a VM") is None]
        read = [config.read_properties(config.VmProperties, one, where="a VM") for one in readable]
        made = balancer_names.made_by((*request.landing, *request.changed))
        return balancer_names.findings(self._place.state, read, made=made)

    def _networks(self, request: PreflightRequest) -> list[Finding]:
        """Against the landing zone that there is, and what of it the plan makes."""
        state = self._place.state
        there = records.list_networks(state)
        made = {each.name: str(each.properties["cidr"]) for each in request.landing if "cidr" in each.properties}
        public = frozenset(address["ip"] for address in records.list_addresses(state))
        zone = network_checks.Zone(
            networks={**made, **{network["name"]: network["cidr"] for network in there}},
            gateways=frozenset(gateway for each in there for gateway in (each["gateway"], *each["gateways"])),
            held={**balancer_names.fronts_of(request.landing), **address_holders.held_by_parts(state)},
            public=None if request.landing else public,
            has_ipv6=os.path.exists(_IPV6),
        )
        return list(network_checks.findings(request.vms, zone))

    def _state(self, request: PreflightRequest) -> list[Finding]:
        findings = []
        root = _nearest(self._place.root)
        if state_directory.is_noexec(root):
            findings.append(_noexec(self._place.root))
        if not os.access(root, os.W_OK | os.X_OK):
            findings.append(_not_writable(self._place.root))
        free = _free_bytes(root)
        needed = _SPARE_BYTES + _VM_BYTES * len(request.vms)
        if free < needed:
            findings.append(_no_space(root, free, needed))
        elif (asked_mib := sum(disk.size_mib for disk in request.disks)) * _MIB > free:
            findings.append(_little_space(root, free, asked_mib))
        return findings


def _stemcells(request: PreflightRequest) -> list[Finding]:
    found = []
    for stemcell in request.stemcells:
        try:
            host_stemcell.check_request(stemcell)
        except CloudError as error:
            found.append(Finding.of(error))
    return found


def _read(
    model: type[config.VmProperties | config.DiskProperties], written: Mapping[str, JsonValue], *, where: str
) -> Finding | None:
    try:
        config.read_properties(model, written, where=where)
    except CloudError as error:
        return Finding.of(error)
    return None


def _nearest(path: str) -> str:
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def _free_bytes(path: str) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def _noexec(root: str) -> Finding:
    return Finding(
        code="state-is-noexec",
        what=f"Programs cannot run from {root}, the folder for the VMs' files.",
        why="Its file system is mounted with noexec.",
        fix="Mount it without noexec, or name another directory as state_root in the cloud's properties.",
    )


def _not_writable(root: str) -> Finding:
    return Finding(
        code="no-permission-on-state",
        what=f"The local cloud cannot store its state in {root}.",
        why=f"User {os.geteuid()} may not write there.",
        fix="Make it writable for this user, or name another directory as state_root in the cloud's properties.",
    )


def _no_space(root: str, free: int, needed: int) -> Finding:
    return Finding(
        code="disk-full",
        what=f"The disk of {root} has too little free space.",
        why=f"{free // _MIB} MiB are free; the VMs need at least {needed // _MIB} MiB.",
        fix="Free some space, or name a directory on another disk as state_root in the cloud's properties.",
    )


def _little_space(root: str, free: int, asked_mib: int) -> Finding:
    return Finding(
        code="disks-larger-than-space",
        what=f"The persistent disks are together larger than the free space of {root}.",
        why=f"{asked_mib} MiB are requested, {free // _MIB} MiB are free; a disk uses only the space of its content.",
        fix="No action needed unless the disks will fill up.",
        is_fatal=False,
    )
