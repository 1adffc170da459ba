"""A plan against plain facts: each fault is found once, with the same message on every cloud."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import Finding, PreflightRequest
from cpi.kit import judge
from cpi.kit.judge import Capacity, Limit, Place, Size, VmFacts

PLACE = Place(
    name="Region r",
    sizes={
        "small": Size(zones=frozenset({"a"}), most_disks=2, most_interfaces=1, architectures=("x86_64",)),
        "closed": Size(restricted="NotAvailableForSubscription"),
        "plain": Size(),
    },
)
VM = VmFacts(name="web", size="small", zones=frozenset({"a"}), disks=2, interfaces=1, image="Image 'i'")
LIMIT = Limit(name="L-1", label="vCPUs", unit="vCPUs", used=18, limit=20, asked=2, fix="Ask for {needed}.")


def _codes(*wanted: VmFacts) -> list[str]:
    return [finding.code for finding in judge.sizes(wanted, PLACE)]


@pytest.mark.parametrize(
    ("vm", "codes"),
    [
        (replace(VM, architecture="x86_64"), []),
        (replace(VM, size="plain", disks=99, interfaces=99, architecture="arm64"), []),
        (replace(VM, size="smal"), ["unknown-instance-type"]),
        (replace(VM, size="closed"), ["unknown-instance-type"]),
        (replace(VM, zones=frozenset({"a", "b"})), ["instance-type-not-in-zone"]),
        (replace(VM, disks=3), ["too-many-disks"]),
        (replace(VM, interfaces=2), ["too-many-interfaces"]),
        (replace(VM, architecture="arm64"), ["image-architecture"]),
        (replace(VM, disks=3, zones=frozenset({"b"})), ["instance-type-not-in-zone", "too-many-disks"]),
    ],
)
def test_a_size_is_judged_by_what_the_cloud_tells_of_it(vm: VmFacts, codes: list[str]) -> None:
    assert _codes(vm) == codes


def test_a_size_that_many_vms_name_is_reported_once_with_the_nearest_that_exists() -> None:
    (found,) = judge.sizes([replace(VM, name=str(number), size="smal") for number in range(5)], PLACE)
    assert (found.what, found.fix) == ("Region r has no instance type 'smal'.", "Write 'small'.")


def test_a_name_unlike_all_others_is_told_with_a_few_that_exist() -> None:
    found = judge.unknown_name("key pair", "zzz", [f"k{number:02}" for number in range(20)], where="X", setting="key")
    assert (found.code, found.why.count("k"), found.why.endswith("...."), "Correct key" in found.fix) == (
        *("unknown-key-pair", 12),
        *(True, True),
    )


@pytest.mark.parametrize(
    ("load", "needed"),
    [
        (LIMIT, None),
        (replace(LIMIT, asked=3), 21),
        (replace(LIMIT, asked=3, freed=1), None),
        (replace(LIMIT, asked=0, used=99), None),
        (replace(LIMIT, asked=3, limit=-1), None),
    ],
)
def test_a_limit_is_judged_with_what_stays_and_what_goes(load: Limit, needed: int | None) -> None:
    found = list(judge.limit(load, region="r"))
    assert [one.quota.needed for one in found if one.quota] == ([] if needed is None else [needed])
    assert [one.fix for one in found] == ([] if needed is None else [f"Ask for {needed}."])


@pytest.mark.parametrize(
    ("load", "left"),
    [
        (LIMIT, [0]),
        (replace(LIMIT, asked=1, freed=4), [5]),
        (replace(LIMIT, asked=3), []),
        (replace(LIMIT, asked=0), []),
        (replace(LIMIT, limit=-1), []),
    ],
)
def test_what_is_left_of_a_limit_is_found_where_the_plan_fits_and_shown_only_where_it_is_asked_for(
    load: Limit, left: list[int]
) -> None:
    found = tuple(judge.limit_left(load, region="r"))
    assert [one.quota.limit - one.quota.needed for one in found if one.quota] == left
    assert not any(one.is_fatal for one in found)
    assert judge.asked_for(PreflightRequest(), found) == ()
    assert judge.asked_for(PreflightRequest(lists_quotas=True), found) == found


def test_the_first_by_rank_that_gives_enough_is_chosen_and_none_is_explained() -> None:
    known = [
        Capacity(name="dear", cpus=2, ram_mib=2048, rank=(3,)),
        Capacity(name="cheap", cpus=2, ram_mib=2048, rank=(2,), disk_mib=1024),
        Capacity(name="small", cpus=1, ram_mib=1024, rank=(1,)),
    ]
    wanted = [(1, 1), (1, 1025), (2, 1)]
    assert [judge.smallest(known, cpus=cpus, ram_mib=ram) for cpus, ram in wanted] == ["small", "cheap", "cheap"]
    assert judge.smallest(known, cpus=2, ram_mib=1, disk_mib=1025) == "dear"
    with pytest.raises(NotSupportedError) as caught:
        judge.smallest(known, cpus=3, ram_mib=1, disk_mib=5)
    assert (caught.value.code, caught.value.what, caught.value.why) == (
        "no-such-size",
        "No known instance type has 3 CPUs, 1 MiB of memory, 5 MiB of disk.",
        "The known ones are cheap, dear, small.",
    )


@pytest.mark.parametrize(("ahead_s", "word"), [(301.0, "ahead of"), (-301.0, "behind"), (299.0, "")])
def test_a_clock_is_judged_both_ways(ahead_s: float, word: str) -> None:
    found = list(judge.clock(ahead_s, cloud="AWS", most_s=300, is_fatal=True))
    assert [one.what for one in found] == ([f"This machine's clock is 301 s {word} AWS's."] if word else [])


def test_a_check_that_cannot_look_is_a_finding_and_the_others_go_on() -> None:
    finding = Finding(code="one", what="w", why="", fix="")

    def broken() -> list[Finding]:
        raise CloudError("two", "It broke.")

    found = judge.all_of([lambda: [finding], broken, lambda: [finding, replace(finding, what="v")]])
    assert [(one.code, one.what) for one in found] == [("one", "w"), ("two", "It broke."), ("one", "v")]
