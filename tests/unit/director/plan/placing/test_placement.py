"""Placement: even over AZs, disks stay, indices and the bootstrap instance are as BOSH has them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.values import DiskCid
from director.errors import InputError
from director.model.environments.desired import Group, GroupNetwork, IpRange
from director.model.environments.state import DiskRecord, InstanceRecord
from director.model.ids import ActionId, GroupName, InstanceId
from director.plan.placing import placement, reuse, static_placement
from director.plan.placing.placement import InstanceSlot
from tests.unit.director.plan import scenes

DISK = DiskRecord(cid=DiskCid("d"), action=ActionId("a"), size_mib=1)


def _group(instances: int, *azs: str) -> Group:
    return replace(scenes.group("web", instances), azs=azs)


def _record(index: int, az: str | None = None, *, disk: bool = False, **fields: object) -> InstanceRecord:
    plain = InstanceRecord(id=InstanceId(f"id-{index}"), group=GroupName("web"), index=index, az=az)
    return replace(plain, disk=DISK if disk else None, **fields)  # type: ignore[arg-type]


def _reported(places: tuple[InstanceSlot, ...]) -> list[tuple[int, str | None, bool]]:
    return [(place.index, place.az, place.record is not None) for place in places]


def test_new_instances_go_round_the_azs_by_name() -> None:
    placed = placement.place_evenly(_group(5, "z2", "z1"), [])
    assert _reported(placed.places) == [
        (0, "z1", False),
        (1, "z2", False),
        (2, "z1", False),
        (3, "z2", False),
        (4, "z1", False),
    ]
    assert [place.is_bootstrap for place in placed.places] == [True, False, False, False, False]


def test_instances_with_disks_stay_though_the_spread_is_uneven() -> None:
    records = [_record(0, "z1", disk=True), _record(1, "z1", disk=True), _record(2, "z1")]
    placed = placement.place_evenly(_group(3, "z1", "z2"), records)
    assert _reported(placed.places) == [(0, "z1", True), (1, "z1", True), (3, "z2", False)]
    assert placed.obsolete == (records[2],)


@pytest.mark.parametrize("fields", [{"disk": DISK}, {"named_disks": {"data": DISK}}], ids=["store", "named"])
def test_instances_with_disks_stay_in_one_az_where_others_would_be_spread(fields: dict[str, object]) -> None:
    records = [replace(_record(index, "z1"), **fields) for index in (0, 1)]  # type: ignore[arg-type]
    placed = placement.place_evenly(_group(2, "z1", "z2"), records)
    assert _reported(placed.places) == [(0, "z1", True), (1, "z1", True)]
    spread = placement.place_evenly(_group(2, "z1", "z2"), [_record(index, "z1") for index in (0, 1)])
    assert _reported(spread.places) == [(0, "z1", True), (2, "z2", False)]


def test_the_index_of_an_instance_that_goes_is_not_given_again_at_once() -> None:
    records = [_record(0, "z9"), _record(1, "z1")]
    placed = placement.place_evenly(_group(2, "z1"), records)
    assert (_reported(placed.places), placed.obsolete) == ([(1, "z1", True), (2, "z1", False)], (records[0],))


def test_the_bootstrap_instance_stays_until_it_goes() -> None:
    records = [_record(0), _record(1, is_bootstrap=True), _record(2)]
    kept = placement.place_evenly(_group(3), records)
    without = placement.place_evenly(_group(3), [records[0], records[2]])
    assert [place.index for place in kept.places if place.is_bootstrap] == [1]
    assert [place.index for place in without.places if place.is_bootstrap] == [0]


def test_a_group_that_shrinks_drops_its_highest_indices() -> None:
    records = [_record(index) for index in range(4)]
    assert placement.place_evenly(_group(2), records).obsolete == (records[2], records[3])


def test_migrated_instances_keep_their_id_and_get_a_new_index() -> None:
    group = replace(_group(2), name=GroupName("api"), migrated_from=("web",))
    matched = reuse.match_records([group], [_record(0), _record(1), replace(_record(7), group=GroupName("db"))])
    placed = placement.place_evenly(group, matched.candidates[group.name])
    assert [(place.index, place.record and place.record.id) for place in placed.places] == [(0, "id-0"), (1, "id-1")]
    assert [record.group for record in matched.unneeded] == ["db"]


_RECORDS = st.lists(st.tuples(st.sampled_from(["z1", "z2", "z3"]), st.booleans()), max_size=6)


@given(wanted=st.integers(0, 7), azs=st.sets(st.sampled_from(["z1", "z2", "z3"]), min_size=1), existing=_RECORDS)
def test_as_many_as_wanted_each_once_and_as_even_as_disks_allow(
    wanted: int, azs: set[str], existing: list[tuple[str, bool]]
) -> None:
    records = [_record(index, az, disk=disk) for index, (az, disk) in enumerate(existing)]
    placed = placement.place_evenly(_group(wanted, *sorted(azs)), records)
    kept = [place.record for place in placed.places if place.record]
    assert len(placed.places) == wanted
    assert len({place.index for place in placed.places}) == wanted
    assert sorted([*kept, *placed.obsolete], key=lambda record: record.index) == records
    assert all(place.az == place.record.az for place in placed.places if place.record)
    counts = [sum(place.az == az for place in placed.places) for az in sorted(azs)]
    staying = [record for record in records if record.disk and record.az in azs][:wanted]
    most = max((sum(record.az == az for record in staying) for az in azs), default=0)
    assert max(counts) <= max(most, -(-wanted // len(azs)))
    assert sum(place.is_bootstrap for place in placed.places) == min(1, wanted)


STATIC = (IpRange(first="10.0.0.10", last="10.0.0.20"),)
STATIC_NETWORKS = {
    "default": scenes.network(
        "default",
        scenes.subnet("10.1.0.0/24", azs=("z1",), static=STATIC),
        scenes.subnet("10.2.0.0/24", azs=("z2",), static=STATIC),
    )
}


def _static_group(*ips: str) -> Group:
    return replace(_group(len(ips), "z1", "z2"), networks=(GroupNetwork(name="default", static_ips=ips),))


def test_new_instances_take_listed_addresses_in_order() -> None:
    placed = static_placement.place_by_address(_static_group("10.2.0.10", "10.1.0.10"), STATIC_NETWORKS, [])
    assert [(place.index, place.az, place.statics) for place in placed.places] == [
        (0, "z2", {"default": "10.2.0.10"}),
        (1, "z1", {"default": "10.1.0.10"}),
    ]


def test_who_holds_a_listed_address_keeps_it() -> None:
    records = [_record(0, "z1", addresses={"default": "10.1.0.11"}), _record(1, "z2")]
    group = _static_group("10.1.0.10", "10.1.0.11")
    placed = static_placement.place_by_address(group, STATIC_NETWORKS, records)
    assert [(place.index, place.statics["default"]) for place in placed.places] == [(0, "10.1.0.11"), (2, "10.1.0.10")]
    assert placed.obsolete == (records[1],)


def test_a_listed_address_outside_the_groups_azs_is_refused() -> None:
    group = replace(_static_group("10.2.0.10"), azs=("z1",))
    with pytest.raises(InputError) as caught:
        static_placement.place_by_address(group, STATIC_NETWORKS, [])
    assert (caught.value.code, caught.value.what) == (
        "static-ip-outside-azs",
        "Static IP 10.2.0.10 of instance group 'web' is in no AZ of the group.",
    )
