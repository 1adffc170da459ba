"""What preflight says of subscriptions, resource groups and locks, which no other cloud has. Pure.

Takes facts, gives findings with why and fix.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

from cpi.contract.values import Finding, JsonValue
from cpi.kit import judge

_MOST_SKEW_S = 240.0
_WARNED = ("PastDue", "Warned")


def check_expiry(expires: str, *, now_s: float) -> Iterator[Finding]:
    """A secret's last day, near or past; "" and what is no date say nothing."""
    try:
        last = datetime.datetime.fromisoformat(expires).replace(tzinfo=datetime.UTC)
    except ValueError:
        return
    fix = "Run `compleat azure create-principal` for the environment: it makes a new secret."
    yield from judge.expiry(last.timestamp() - now_s, cloud="Azure", soon_s=judge.WEEK_S, fix=fix)


def check_skew(headers: Mapping[str, str], *, now_s: float) -> Iterator[Finding]:
    """What an answer's date says of this machine's clock."""
    written = {name.lower(): value for name, value in headers.items()}.get("date", "")
    if written:
        ahead_s = now_s - parsedate_to_datetime(written).timestamp()
        yield from judge.clock(ahead_s, cloud="Azure", most_s=_MOST_SKEW_S, is_fatal=True)


def check_state(subscription: JsonValue) -> Iterator[Finding]:
    """A subscription that is closed, or soon will be. Source: SubscriptionState of the API Subscriptions."""
    state = str(subscription.get("state", "")) if isinstance(subscription, Mapping) else ""
    if state not in ("", "Enabled"):
        fix = (
            "Have the subscription's owner reactivate it (Subscriptions in the portal), or write another "
            "subscription_id: `az account list`."
        )
        yield judge.account(state, cloud="Azure", fix=fix, is_fatal=state not in _WARNED)


def of_group(name: str, location: str) -> Finding:
    """A named resource group that does not exist."""
    return Finding(
        code="unknown-resource-group",
        what=f"Resource group '{name}' does not exist.",
        why="The environment's file names it, and compleat does not create a group that the file names.",
        fix=f"Run `az group create --name {name} --location {location}`, or remove resource_group_name.",
    )


def of_group_going(name: str) -> Finding:
    """A resource group that is being deleted."""
    return Finding(
        code="resource-group-deleting",
        what=f"Resource group '{name}' is being deleted.",
        why="Azure allows no resource in a group that it deletes, and no new group of that name until it is gone.",
        fix=f"Wait until it is gone: `az group wait --deleted --name {name}`.",
    )


def of_group_elsewhere(name: str, there: str, wanted: str) -> Finding:
    """The environment's own group, made in another region."""
    return Finding(
        code="resource-group-elsewhere",
        what=f"Resource group '{name}' is in {there}, but the environment's location is {wanted}.",
        why="A group cannot leave the region in which it was created.",
        fix=f"Set `location: {there}`, rename the environment, or delete the group: `az group delete --name {name}`.",
    )


def of_lock(lock: str, level: str) -> Finding:
    """A lock over what is to be made or deleted."""
    return Finding(
        code="resources-locked",
        what=f"The lock '{lock.rsplit('/', 1)[-1]}' ({level}) blocks changes of the plan.",
        why="No resource under it can be deleted, not even compile VMs"
        + (", and none can be created." if level == "ReadOnly" else "."),
        fix=f"Run `az lock delete --ids {lock}`, or choose another resource group.",
    )


def of_closed_ports(group: str, resource_group: str, ports: Sequence[int]) -> Finding:
    """Public ports of the environment's file that a security group made earlier does not open."""
    listed = ", ".join(map(str, ports))
    return Finding(
        code="ports-closed",
        what=f"Security group '{group}' does not open port{'s' if len(ports) > 1 else ''} {listed}.",
        why="It was created with other public_ports, and `up` does not change the rules of an existing group.",
        fix=f"Run `az network nsg rule create --resource-group {resource_group} --nsg-name {group} "
        "--name allow-public --priority 1200 --access Allow --protocol Tcp "
        f"--destination-port-ranges {' '.join(map(str, ports))}`.",
        is_fatal=False,
    )
