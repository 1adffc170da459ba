"""VMs that this machine connects to itself: jumpboxes, or all in an environment without a jumpbox.

Takes a Session and the requests of a plan, gives requests that name them, and findings about routes to them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpi.contract.values import Finding, NetworkKind, PreflightRequest, VmRequest
from director.app.sessions.session import Session
from director.model.environments.environment import JUMPBOX
from director.model.report import CloudFinding


def with_direct_vms(session: Session, request: PreflightRequest) -> PreflightRequest:
    """The request that says which of its VMs they are, and whether they are reached at private addresses."""
    direct = frozenset(vm.owner for vm in request.vms if _is_direct(session, vm))
    return replace(request, direct=direct, is_inside=session.file.jumpbox.access != "public")


def route_findings(session: Session, requests: Mapping[str, PreflightRequest]) -> tuple[CloudFinding, ...]:
    """Networks of those without a public address that this machine has no route to: no-route-to-network."""
    return tuple(
        CloudFinding(cloud=name, finding=finding, plugin=session.world.clouds[name].name)
        for name, request in requests.items()
        for finding in _without_route(session, request)
    )


def _is_direct(session: Session, vm: VmRequest) -> bool:
    return vm.owner.deployment == JUMPBOX or session.file.jumpbox.access == "none"


def _without_route(session: Session, request: PreflightRequest) -> Iterator[Finding]:
    addresses: dict[str, str] = {}
    for vm in request.vms:
        if _is_direct(session, vm) and session.file.jumpbox.access != "public":
            inner = [network for network in vm.networks if network.kind is not NetworkKind.VIP]
            addresses |= {network.name: network.ip for network in inner[:1] if network.ip}
    for network, address in sorted(addresses.items()):
        if not session.world.routes.has_route(address):
            yield Finding(
                code="no-route-to-network",
                what=f"This machine has no route to network '{network}'.",
                why=f"Packets to {address} have nowhere to go, and `jumpbox: {session.file.jumpbox.access}` means that "
                "VMs are reached at such addresses.",
                fix="Run compleat on a machine in that network, connect this one by VPN, or set `jumpbox: public` in "
                "the environment's file.",
            )
