"""What preflight says. Pure.

Takes facts, gives findings with why and fix.
"""

import datetime
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TypeVar

from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, JsonValue, QuotaNeed
from cpi.kit.ranges import Range

_T = TypeVar("_T")
_SOON_DAYS = 7
_DAY_S = 86400.0
_MOST_SKEW_S = 240.0


def of_error(error: CloudError) -> Finding:
    """An error that would have come later."""
    return Finding(code=error.code, what=error.what, why=error.why, fix=error.fix)


def of_refusals(check: Callable[[_T], None], things: Iterable[_T]) -> list[Finding]:
    """What a check refuses of each of several."""
    found = []
    for thing in things:
        try:
            check(thing)
        except CloudError as error:
            found.append(of_error(error))
    return found


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
            code="azure-secret-expires",
            what="The principal's secret has expired." if left_days < 0 else "The principal's secret expires soon.",
            why=f"Its last day is {expires[:10]}.",
            fix="Run `compleat azure create-principal` for the environment: it makes a new one.",
            is_fatal=left_days < 0,
        )
    ]


def check_skew(headers: Mapping[str, str], *, now_s: float) -> list[Finding]:
    """What an answer's date says of this machine's clock."""
    written = {name.lower(): value for name, value in headers.items()}.get("date", "")
    if not written:
        return []
    skew_s = now_s - parsedate_to_datetime(written).timestamp()
    return [of_skew(skew_s)] if abs(skew_s) > _MOST_SKEW_S else []


def of_skew(skew_s: float) -> Finding:
    """Clocks that differ."""
    return Finding(
        code="azure-clock-skew",
        what=f"This machine's clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} Azure's.",
        why="Tokens and signed links are refused when the clocks differ by five minutes.",
        fix="Set the clock: `timedatectl set-ntp true`.",
    )


def of_permissions(lacking: Sequence[str], scope: str) -> Finding:
    """What the principal may not do."""
    return Finding(
        code="azure-permissions",
        what="The principal may not do all that is needed.",
        why=f"On {scope} Azure grants no: {', '.join(lacking)}.",
        fix="Run `compleat azure create-principal` for the environment, or "
        f"`az role assignment create --role Contributor --assignee CLIENT_ID --scope {scope}`.",
    )


def of_provider(provider: str, *, is_fatal: bool) -> Finding:
    """A provider that the subscription does not know yet; `up` registers it where it may."""
    return Finding(
        code="azure-provider-missing",
        what=f"The subscription is not registered to use {provider}.",
        why="A new subscription knows few providers; registering one takes some minutes.",
        fix=f"Run `az provider register --namespace {provider} --wait`.",
        is_fatal=is_fatal,
    )


def of_group(name: str, location: str) -> Finding:
    """A named resource group that does not exist."""
    return Finding(
        code="azure-group-missing",
        what=f"There is no resource group '{name}'.",
        why="The environment's file names it, and one that is named there is never made.",
        fix=f"Run `az group create --name {name} --location {location}`, or remove resource_group_name.",
    )


def of_group_going(name: str) -> Finding:
    """A resource group that is being deleted."""
    return Finding(
        code="azure-group-going",
        what=f"Resource group '{name}' is being deleted.",
        why="Azure takes nothing into a group that it deletes, and none of its name until it is gone.",
        fix=f"Wait until it is gone: `az group wait --deleted --name {name}`.",
    )


def of_group_elsewhere(name: str, there: str, wanted: str) -> Finding:
    """The environment's own group, made in another region."""
    return Finding(
        code="azure-group-elsewhere",
        what=f"Resource group '{name}' is in {there}, and the environment is to be in {wanted}.",
        why="A group stays in the region that it was made in.",
        fix=f"Write `location: {there}`, rename the environment, or delete it: `az group delete --name {name}`.",
    )


def of_lock(lock: str, level: str) -> Finding:
    """A lock over what is to be made or deleted."""
    return Finding(
        code="azure-locked",
        what=f"The lock '{lock.rsplit('/', 1)[-1]}' ({level}) is on what the plan changes.",
        why="Nothing under it can be deleted, compile VMs neither"
        + (", and nothing be made." if level == "ReadOnly" else "."),
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
            code="azure-subscription-closed" if is_fatal else "azure-subscription-warned",
            what="Nothing can be made in the subscription." if is_fatal else "The subscription is about to be closed.",
            why=f"Azure calls it {state}.",
            fix="Have its owner reactivate it (Subscriptions in the portal, mostly a bill), or write another "
            "subscription_id: `az account list`.",
            is_fatal=is_fatal,
        )
    ]


def of_disk_type(kind: str, location: str, offered: Sequence[str]) -> Finding:
    """A type of disk that cannot be had."""
    return Finding(
        code="azure-disk-type",
        what=f"Azure offers no disks of type {kind} in {location}.",
        why=f"It offers {', '.join(offered)}.",
        fix="Correct storage_account_type, or root_disk's type, in the cloud config.",
    )


def of_overlap(one: Range, other: Range) -> Finding:
    """Ranges that share addresses."""
    return Finding(
        code="azure-ranges-overlap",
        what=f"{one.name} ({one.cidr}) overlaps {other.name} ({other.cidr}).",
        why="Subnets of a virtual network have no address in common.",
        fix="Correct `networks` in the environment's file, and the ranges in the cloud config.",
    )


def of_range(name: str, cidr: str) -> Finding:
    """A range that no subnet can have."""
    return Finding(
        code="azure-range-invalid",
        what=f"{cidr} cannot be {name}.",
        why="A subnet is written like 10.0.0.0/16, has a prefix of 29 at most, and no bits set behind it.",
        fix="Correct `networks` in the environment's file.",
    )


def of_subnet(network: str, path: str) -> Finding:
    """A subnet that is not there, and that the plan does not make."""
    return Finding(
        code="azure-subnet-unknown",
        what=f"There is no subnet for network '{network}'.",
        why=f"Azure has no {path}, and the landing zone makes none of that name.",
        fix="Correct virtual_network_name and subnet_name in the cloud config, or the environment's `networks`.",
    )


def of_location(location: str, known: Sequence[str]) -> Finding:
    """A region that the subscription does not have."""
    near = difflib.get_close_matches(location.replace(" ", "").lower(), known, n=1)
    return Finding(
        code="azure-location-unknown",
        what=f"The subscription has no location '{location}'.",
        why=f"It has {len(known)}: {', '.join(sorted(known)[:5])} ...",
        fix=f"Write '{near[0]}'." if near else "Correct `location`: `az account list-locations --query [].name`.",
    )


def of_size(size: str, where: str, why: str) -> Finding:
    """A size that cannot be had."""
    return Finding(
        code="azure-size-not-offered",
        what=f"Azure does not offer {size} in {where}.",
        why=why,
        fix="Choose another instance_type, zone or location: `az vm list-skus --location LOCATION --zone`.",
    )


def of_disks(vm: str, size: str, *, most: int, wanted: int) -> Finding:
    """More disks than fit."""
    return Finding(
        code="azure-too-many-disks",
        what=f"VM '{vm}' is to have {wanted} disks.",
        why=f"{size} takes {most}.",
        fix="Choose a larger instance_type.",
    )


def of_quota(name: str, region: str, *, used: int, limit: int, needed: int) -> Finding:
    """A limit that the plan would pass."""
    return Finding(
        code="azure-quota",
        what=f"The quota '{name}' in {region} is too low for this plan.",
        why=f"{used} are used, {limit} allowed, {needed} needed.",
        fix="Run `compleat doctor --request-quota`, or choose a size of another family.",
        quota=QuotaNeed(name=name, region=region, unit="Count", used=used, limit=limit, needed=needed),
    )


def of_architecture(image: str, own: str, wrong: Sequence[str]) -> Finding:
    """An image for other processors."""
    return Finding(
        code="azure-architecture",
        what=f"Image {image} does not run on {', '.join(wrong)}.",
        why=f"It is for {own}.",
        fix="Choose an image or an instance_type of the same architecture.",
    )


def of_closed_ports(group: str, resource_group: str, ports: Sequence[int]) -> Finding:
    """Public ports of the environment's file that a security group made earlier does not open."""
    listed = ", ".join(map(str, ports))
    return Finding(
        code="azure-ports-closed",
        what=f"Security group '{group}' does not open port{'s' if len(ports) > 1 else ''} {listed}.",
        why="It was made with other public_ports, and `up` changes no rules of a group that exists.",
        fix=f"Run `az network nsg rule create --resource-group {resource_group} --nsg-name {group} "
        "--name allow-public --priority 1200 --access Allow --protocol Tcp "
        f"--destination-port-ranges {' '.join(map(str, ports))}`.",
        is_fatal=False,
    )


def of_foreign_type(written: str) -> Finding:
    """A disk type's `type`, which other clouds act on."""
    return Finding(
        code="azure-type-ignored",
        what=f"The cloud property 'type: {written}' of a disk means nothing on Azure.",
        why="It is for other clouds; Azure's own word is storage_account_type, StandardSSD_LRS where none is written.",
        fix="Write storage_account_type in the cloud config, if the default is not what you want.",
        is_fatal=False,
    )


def of_account(prefix: str) -> Finding:
    """Storage names that are all taken."""
    return Finding(
        code="azure-account-taken",
        what=f"Storage account names that begin with '{prefix}' are taken.",
        why="Such a name is unique in the whole world.",
        fix="Choose another storage_account_prefix in the environment's file.",
    )


def of_label(label: str, location: str) -> Finding:
    """A DNS label that somebody has."""
    return Finding(
        code="azure-dns-name-taken",
        what=f"The name {label}.{location}.cloudapp.azure.com is taken.",
        why="Azure says that somebody has it.",
        fix="Choose another one in dns_names in the environment's file.",
    )


def of_taken(ip: str, vm: str, holder: str) -> Finding:
    """An address that somebody has."""
    return Finding(
        code="azure-address-taken",
        what=f"Address {ip} of VM '{vm}' is taken.",
        why=f"The interface of '{holder or 'no VM'}' has it.",
        fix="Choose another address, or delete what has it.",
    )


def of_kept(ip: str, vm: str, cidr: str) -> Finding:
    """An address that Azure gives nobody."""
    return Finding(
        code="azure-address-kept",
        what=f"VM '{vm}' cannot have the address {ip}.",
        why=f"Azure keeps the first four addresses and the last of {cidr}.",
        fix="Choose another address, and write these as `reserved` in the cloud config.",
    )


def of_twice(ip: str, count: int) -> Finding:
    """An address for several VMs."""
    return Finding(
        code="azure-address-twice",
        what=f"{count} VMs of the plan have the address {ip}.",
        why="A subnet has each address once.",
        fix="Correct static_ips in the manifest.",
    )


def of_full(cidr: str, *, free: int, wanted: int) -> Finding:
    """A subnet that is too small."""
    return Finding(
        code="azure-subnet-full",
        what=f"Subnet {cidr} has no room for {wanted} VMs more.",
        why=f"{free} addresses are free; Azure keeps five of each subnet.",
        fix="Use a larger range for the network, or fewer instances.",
    )
