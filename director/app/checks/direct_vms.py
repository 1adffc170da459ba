"""VMs that this machine connects to itself: jumpboxes, or all in an environment without a jumpbox.

Takes a Session and the requests of a plan, gives requests that name them, and findings about routes to them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cpi.contract.values import Finding, NetworkKind, PreflightRequest, VmRequest
from director.app.sessions.session import Session
from director.model.environments.environment import JUMPBOX
from director.model.ids import DeploymentName
from director.model.report import CloudFinding


def with_direct_vms(session: Session, request: PreflightRequest) -> PreflightRequest:
    """The request that says which of its VMs they are, and whether they are reached at private addresses."""
    direct = [vm for vm in request.vms if _is_direct(session, vm)]
    is_inside = session.file.jumpbox.access != "public"
    addresses = _first_addresses(direct).values() if is_inside else ()
    own = {session.world.routes.source_address(address) for address in addresses} - {""}
    return replace(
        request,
        direct=frozenset(vm.owner for vm in direct),
        is_inside=is_inside,
        director_addresses=frozenset(own),
    )


def route_findings(session: Session, requests: Mapping[str, PreflightRequest]) -> tuple[CloudFinding, ...]:
    """Networks of those without a public address that this machine has no route to: no-route-to-network."""
    return tuple(
        CloudFinding(cloud=name, finding=finding, plugin=session.world.clouds[name].name)
        for name, request in requests.items()
        if session.world.clouds[name].cloud.info().are_networks_routed
        for finding in _without_route(session, request)
    )


def _is_direct(session: Session, vm: VmRequest) -> bool:
    return vm.owner.deployment == JUMPBOX or session.file.jumpbox.access == "none"


def _without_route(session: Session, request: PreflightRequest) -> Iterator[Finding]:
    if session.file.jumpbox.access == "public":
        return
    addresses = _first_addresses([vm for vm in request.vms if _is_direct(session, vm)])
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


def _first_addresses(vms: Iterable[VmRequest]) -> Mapping[str, str]:
    """An address of each network that is the first of a VM."""
    found: dict[str, str] = {}
    for vm in vms:
        inner = [network for network in vm.networks if network.kind is not NetworkKind.VIP]
        found |= {network.name: network.ip for network in inner[:1] if network.ip}
    return found


def unused_jumpboxes(session: Session) -> Iterator[Finding]:
    """A remark on jumpboxes that an environment without them still has: jumpbox-unused."""
    if session.file.jumpbox.access != "none":
        return
    state = session.world.store.load_deployment(session.settings.environment, DeploymentName(JUMPBOX))
    names = [record.name for record in state.instances if record.vm] if state else []
    if names:
        yield Finding(
            code="jumpbox-unused",
            what=f"Nothing goes through {' and '.join(names)} any more.",
            why="The environment's file sets `jumpbox: none`, so that VMs are reached at their own addresses; the "
            "jumpbox of before is left as it is, and costs what it did.",
            fix=f"Once VMs are reached without it, run `compleat delete-deployment -d {JUMPBOX}`.",
            is_fatal=False,
        )
