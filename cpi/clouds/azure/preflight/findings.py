"""What preflight says. Pure.

Takes facts, gives findings with why and fix.
"""

import datetime
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from cpi.contract.values import Finding, JsonValue
from cpi.kit import judge

_SOON_DAYS = 7
_DAY_S = 86400.0
_MOST_SKEW_S = 240.0


def of_expiry(expires: str, *, now_s: float) -> list[Finding]:
    """A secret's last day, near or past; "" and what is no date say nothing."""
    try:
        last = datetime.datetime.fromisoformat(expires).replace(tzinfo=datetime.UTC)
    except ValueError:
        return []
    left_days = (last.timestamp() - now_s) / _DAY_S
    if left_days > _SOON_DAYS:
        return []
    return [
        Finding(
            code="credentials-expiring",
            what="The principal's secret has expired." if left_days < 0 else "The principal's secret expires soon.",
            why=f"Its last day is {expires[:10]}.",
            fix="Run `compleat azure create-principal` for the environment: it creates a new one.",
            is_fatal=left_days < 0,
        )
    ]


def check_skew(headers: Mapping[str, str], *, now_s: float) -> list[Finding]:
    """What an answer's date says of this machine's clock."""
    written = {name.lower(): value for name, value in headers.items()}.get("date", "")
    if not written:
        return []
    ahead_s = now_s - parsedate_to_datetime(written).timestamp()
    return list(judge.clock(ahead_s, cloud="Azure", most_s=_MOST_SKEW_S, is_fatal=True))


def of_permissions(lacking: Sequence[str], scope: str) -> Finding:
    """What the principal may not do."""
    return Finding(
        code="permissions-missing",
        what="The principal lacks permissions.",
        why=f"On {scope} Azure does not grant: {', '.join(lacking)}.",
        fix="Run `compleat azure create-principal` for the environment, or "
        f"`az role assignment create --role Contributor --assignee CLIENT_ID --scope {scope}`.",
    )


def of_provider(provider: str, *, is_fatal: bool) -> Finding:
    """A provider that the subscription does not know yet; `up` registers it where it may."""
    return Finding(
        code="provider-not-registered",
        what=f"The subscription is not registered to use {provider}.",
        why="A new subscription has few providers registered; registering one takes some minutes.",
        fix=f"Run `az provider register --namespace {provider} --wait`.",
        is_fatal=is_fatal,
    )


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


def of_state(subscription: JsonValue) -> list[Finding]:
    """A subscription that is closed, or soon will be. Source: SubscriptionState of the API Subscriptions."""
    state = str(subscription.get("state", "")) if isinstance(subscription, Mapping) else ""
    if state in ("", "Enabled"):
        return []
    is_fatal = state not in ("PastDue", "Warned")
    return [
        Finding(
            code="account-disabled" if is_fatal else "account-warned",
            what="No resource can be created in the subscription."
            if is_fatal
            else "The subscription is about to be closed.",
            why=f"Azure reports its state as {state}.",
            fix="Ask its owner to reactivate it (Subscriptions in the portal; often a bill is due), or set another "
            "subscription_id: `az account list`.",
            is_fatal=is_fatal,
        )
    ]


def of_range(name: str, cidr: str) -> Finding:
    """A range that no subnet can have."""
    return Finding(
        code="network-range-invalid",
        what=f"{cidr} is not valid as {name}.",
        why="A subnet has the form 10.0.0.0/16: a prefix of 29 at most, and no host bits set.",
        fix="Correct `networks` in the environment's file.",
    )


def of_subnet(network: str, path: str) -> Finding:
    """A subnet that is not there, and that the plan does not make."""
    return Finding(
        code="unknown-subnet",
        what=f"Network '{network}' has no subnet.",
        why=f"Azure has no {path}, and the landing zone creates none with that name.",
        fix="Correct virtual_network_name and subnet_name in the cloud config, or the environment's `networks`.",
    )


def of_architecture(image: str, own: str, wrong: Sequence[str]) -> Finding:
    """An image for other processors."""
    return Finding(
        code="image-architecture",
        what=f"Image {image} does not run on {', '.join(wrong)}.",
        why=f"It is for {own}.",
        fix="Choose an image or an instance_type of the same architecture.",
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


def of_foreign_type(written: str) -> Finding:
    """A disk type's `type`, which other clouds act on."""
    return Finding(
        code="property-unused",
        what=f"The cloud property 'type: {written}' of a disk has no effect on Azure.",
        why="It is for other clouds; on Azure use storage_account_type (default StandardSSD_LRS).",
        fix="Set storage_account_type in the cloud config, unless you want the default.",
        is_fatal=False,
    )


def of_account(prefix: str) -> Finding:
    """Storage names that are all taken."""
    return Finding(
        code="name-taken",
        what=f"Storage account names that begin with '{prefix}' are taken.",
        why="These names are unique across all of Azure.",
        fix="Choose another storage_account_prefix in the environment's file.",
    )


def of_label(label: str, location: str) -> Finding:
    """A DNS label that somebody has."""
    return Finding(
        code="dns-name-taken",
        what=f"The name {label}.{location}.cloudapp.azure.com is taken.",
        why="Azure reports that it is in use.",
        fix="Choose another name in dns_names in the environment's file.",
    )
