"""How much of each kind the account may have, and what is used of it.

Takes rules and shelves, gives limits; raises `quota-exceeded` for what would be too much.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cpi.clouds.memory.rules import MemorySize, Rules
from cpi.clouds.memory.shelves import Shelves
from cpi.contract.errors import NoCapacityError
from cpi.contract.values import QuotaNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`name` is the cloud's, `unit` people's."""

    name: str
    unit: str
    used: int
    limit: int


def sizes_added(sizes: Iterable[MemorySize]) -> Mapping[str, int]:
    """What VMs of these sizes take, by the name of the limit."""
    added: Counter[str] = Counter()
    for size in sizes:
        added.update({"vms": 1, "cpus": size.cpu, f"cpus-of-{size.family}": size.cpu})
    return added


def limits_of(rules: Rules, shelves: Shelves) -> Iterator[Limit]:
    """All limits, and what is used now."""
    used = sizes_added(held.size for held in shelves.vms.values())
    kinds = Counter(found.kind for found in shelves.landing.values())
    disks_mib = sum(held.found.size_mib for held in shelves.disks.values())
    networks = len(rules.networks) + kinds["network"]
    yield Limit(name="vms", unit="VMs", used=used.get("vms", 0), limit=rules.max_vms)
    yield Limit(name="cpus", unit="CPUs", used=used.get("cpus", 0), limit=rules.max_cpus)
    for family, limit in sorted(rules.max_family_cpus.items()):
        name = f"cpus-of-{family}"
        yield Limit(name=name, unit=f"CPUs of family '{family}'", used=used.get(name, 0), limit=limit)
    yield Limit(name="disks", unit="disks", used=len(shelves.disks), limit=rules.max_disks)
    yield Limit(name="disks-mib", unit="MiB of disks", used=disks_mib, limit=rules.max_all_disks_mib)
    yield Limit(name="networks", unit="networks", used=networks, limit=rules.max_networks)
    public = Limit(
        name="public-addresses", unit="public addresses", used=kinds["public_address"], limit=rules.max_public_addresses
    )
    yield public
    yield Limit(name="stemcells", unit="stemcells", used=len(shelves.stemcells), limit=rules.max_stemcells)


def exceeded(rules: Rules, shelves: Shelves, added: Mapping[str, int]) -> Iterator[tuple[NoCapacityError, QuotaNeed]]:
    """Limits that what is there and what is added would not fit under, together; nothing added breaks none."""
    for each in limits_of(rules, shelves):
        wanted = each.used + added.get(each.name, 0)
        if added.get(each.name) and wanted > each.limit:
            error = NoCapacityError(
                "quota-exceeded",
                f"{wanted} {each.unit} would be more than this account may have.",
                why=f"Its limit is {each.limit}.",
                fix=f"Delete some {each.unit}, or have the limit raised: `memory raise {each.name} {wanted}`.",
            )
            need = QuotaNeed(
                name=each.name, region="memory", unit=each.unit, used=each.used, limit=each.limit, needed=wanted
            )
            yield error, need


def check_quota(rules: Rules, shelves: Shelves, added: Mapping[str, int]) -> None:
    """Raises NoCapacityError, code `quota-exceeded`."""
    for error, _ in exceeded(rules, shelves, added):
        raise error
