"""How much of each kind the account may have, and what is used of it.

Takes rules and resources, gives limits; raises `quota-exceeded` for what would be too much.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cpi.clouds.memory.resources import MemoryResources
from cpi.clouds.memory.rules import MemorySize, Rules
from cpi.contract.errors import NoCapacityError
from cpi.contract.values import Finding
from cpi.kit import judge
from cpi.kit.judge import Limit


def sizes_added(sizes: Iterable[MemorySize]) -> Mapping[str, int]:
    """What VMs of these sizes take, by the name of the limit."""
    added: Counter[str] = Counter()
    for size in sizes:
        added.update({"vms": 1, "cpus": size.cpu, f"cpus-of-{size.family}": size.cpu})
    return added


def limits_of(rules: Rules, resources: MemoryResources) -> Iterator[Limit]:
    """All limits, and what is used now."""
    used = sizes_added(held.size for held in resources.vms.values())
    kinds = Counter(found.kind for found in resources.landing.values())
    disks_mib = sum(held.found.size_mib for held in resources.disks.values())
    networks = len(rules.networks) + kinds["network"]
    yield _limit(name="vms", unit="VMs", used=used.get("vms", 0), limit=rules.max_vms)
    yield _limit(name="cpus", unit="CPUs", used=used.get("cpus", 0), limit=rules.max_cpus)
    for family, limit in sorted(rules.max_family_cpus.items()):
        name = f"cpus-of-{family}"
        yield _limit(name=name, unit=f"CPUs of family '{family}'", used=used.get(name, 0), limit=limit)
    yield _limit(name="disks", unit="disks", used=len(resources.disks), limit=rules.max_disks)
    yield _limit(name="disks-mib", unit="MiB of disks", used=disks_mib, limit=rules.max_all_disks_mib)
    yield _limit(name="networks", unit="networks", used=networks, limit=rules.max_networks)
    public = _limit(
        name="public-addresses", unit="public addresses", used=kinds["public_address"], limit=rules.max_public_addresses
    )
    yield public
    yield _limit(name="stemcells", unit="stemcells", used=len(resources.stemcells), limit=rules.max_stemcells)


def exceeded(rules: Rules, resources: MemoryResources, added: Mapping[str, int]) -> Iterator[Finding]:
    """Limits that what is there and what is added would not fit under, together; nothing added breaks none."""
    for each in limits_of(rules, resources):
        yield from judge.limit(replace(each, asked=added.get(each.name, 0)), region="memory")


def left(rules: Rules, resources: MemoryResources, added: Mapping[str, int]) -> Iterator[Finding]:
    """What is left of the limits that count what is added."""
    for each in limits_of(rules, resources):
        yield from judge.limit_left(replace(each, asked=added.get(each.name, 0)), region="memory")


def check_quota(rules: Rules, resources: MemoryResources, added: Mapping[str, int]) -> None:
    """Raises NoCapacityError, code `quota-exceeded`."""
    judge.require(exceeded(rules, resources, added), NoCapacityError)


def _limit(*, name: str, unit: str, used: int, limit: int) -> Limit:
    fix = f"Delete some {unit}, or have the limit raised: `memory raise {name} {{needed}}`."
    return Limit(name=name, label=unit, unit=unit, used=used, limit=limit, asked=0, fix=fix)
