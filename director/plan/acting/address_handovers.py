"""Addresses that pass from one instance's VM to another's in one plan.

Takes targets and written actions, gives the source of each address, and refuses what no order of turns allows.
Source: cloudfoundry/bosh deployment_plan/ip_provider/ip_repo.rb refuses every such address; here one passes on when
its holder's turn comes first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model.ids import ActionId
from director.model.tasks.plan import Action
from director.plan import order
from director.plan.action_factory import ActionFactory
from director.plan.deciding.targets import Target

_MOST_REPORTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressHandover:
    """`giver`'s VM has the address until it is deleted; `taker`'s next VM is to have it."""

    ip: str
    network: str
    giver: Target
    taker: Target

    def release(self, factory: ActionFactory) -> ActionId:
        """The action that frees the address."""
        return factory.id_of("delete_vm", self.giver.name)


def handovers_of(targets: Sequence[Target]) -> tuple[AddressHandover, ...]:
    """Every address that one target's VM has and another target wants."""
    holders = {net.ip: target for target in targets if target.record.vm for net in target.record.vm.networks if net.ip}
    return tuple(
        AddressHandover(ip=net.ip, network=net.name, giver=holders[net.ip], taker=target)
        for target in targets
        for net in target.machine.networks
        if net.ip in holders and holders[net.ip] is not target
    )


def require_releases(handovers: Iterable[AddressHandover], changing: Collection[str]) -> None:
    """Refuse an address whose holder this plan leaves alone. Raises InputError: address-taken, all of them."""
    raise_all(
        InputError(
            "address-taken",
            f"Address {one.ip} on network '{one.network}', wanted for {one.taker.name}, is taken.",
            why=f"The VM of {one.giver.name} has it, and this command does not replace that VM.",
            fix="Deploy the whole deployment first.",
            where=_where(one),
        )
        for one in handovers
        if one.taker.record.id in changing and one.giver.record.id not in changing
    )


def require_order(actions: Sequence[Action], handovers: Sequence[AddressHandover], factory: ActionFactory) -> None:
    """Refuse addresses whose release waits for their taking. Raises InputError: address-changes-hands, all of them."""
    if not handovers:
        return
    stuck = order.stuck_actions(actions)
    cyclic = (one for one in handovers if one.release(factory) in _waited_for(one.release(factory), stuck))
    raise_all(_refusal(one) for one, _ in zip(cyclic, range(_MOST_REPORTED), strict=False))


def _waited_for(action: ActionId, stuck: Mapping[ActionId, Action]) -> frozenset[ActionId]:
    seen: set[ActionId] = set()
    ahead = [action] if action in stuck else []
    while ahead:
        new = {before for before in stuck[ahead.pop()].after if before in stuck} - seen
        seen |= new
        ahead += new
    return frozenset(seen)


def _refusal(handover: AddressHandover) -> InputError:
    giver, taker = handover.giver, handover.taker
    is_other = giver.group.name != taker.group.name
    turn = f", or list instance group '{giver.group.name}' before '{taker.group.name}'" if is_other else ""
    return InputError(
        "address-changes-hands",
        f"Address {handover.ip} on network '{handover.network}' cannot move from {giver.name} to {taker.name} in one "
        "deploy.",
        why=f"{taker.name} is updated before {giver.name} releases the address, or the two swap addresses.",
        fix=f"Deploy {giver.name} with another address first, and give {taker.name} this one in a second deploy{turn}.",
        where=_where(handover),
    )


def _where(handover: AddressHandover) -> str:
    networks = handover.taker.group.networks
    return next((net.where for net in networks if net.name == handover.network), "")
