"""Addresses that pass from one instance to another: after their release, or refused before anything is done."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.errors import InputError
from director.execute import fold
from director.model.environments.desired import Desired, Group, GroupNetwork, IpRange
from director.model.environments.observed import Observed
from director.model.ids import ActionId
from director.model.tasks.plan import Plan
from director.plan import front
from tests.support.examples import share
from tests.unit.director.plan import scenes

RANGE = IpRange(first="10.0.0.200", last="10.0.0.250")
NETWORKS = (scenes.network("default", scenes.subnet("10.0.0.0/24", static=(RANGE,))),)


def _group(name: str, *addresses: int, is_serial: bool = True, azs: tuple[str, ...] = ("z1",)) -> Group:
    static = tuple(f"10.0.0.{last}" for last in addresses)
    network = GroupNetwork(name="default", static_ips=static, defaults=("dns", "gateway"), where=f"m.yml:{name}")
    plain = scenes.group(name, len(addresses))
    return replace(plain, networks=(network,), azs=azs, update=scenes.policy(is_serial=is_serial))


def _wanted(*groups: Group) -> Desired:
    return scenes.deployment(*groups, networks=NETWORKS)


def _deployed(*groups: Group) -> Observed:
    return scenes.after(_plan(scenes.nothing(), *groups), scenes.nothing())


def _plan(observed: Observed, *groups: Group) -> Plan:
    return front.make_plan(_wanted(*groups), observed, scenes.asked(f"run-{observed.state.serial}"))


def _addresses(observed: Observed) -> dict[str, str]:
    return {record.name: record.addresses["default"] for record in observed.state.instances}


def _vms(observed: Observed) -> dict[str, str]:
    found = {vm.created.cid: str(vm.created.networks[0].ip) for vm in observed.vms}
    return {record.name: found[record.vm.cid] for record in observed.state.instances if record.vm}


def test_a_chain_is_gone_through_from_its_free_end_when_the_groups_stand_in_that_order() -> None:
    observed = _deployed(_group("b", 206), _group("a", 205))
    plan = _plan(observed, _group("b", 207), _group("a", 206))
    order = [
        (action.work.kind, action.subject) for action in plan.actions if isinstance(action.work, CreateVm | DeleteVm)
    ]
    assert order == [("delete_vm", "b/0"), ("create_vm", "b/0"), ("delete_vm", "a/0"), ("create_vm", "a/0")]
    first = next(action for action in plan.actions if action.subject == "a/0")
    assert ActionId("run-0/delete_vm/b-0") in first.after, "nothing of a/0 stops before its address is free"
    assert _addresses(scenes.after(plan, observed)) == {"b/0": "10.0.0.207", "a/0": "10.0.0.206"}


@pytest.mark.parametrize("is_serial", [True, False])
def test_two_that_swap_are_refused_and_both_are_named(is_serial: bool) -> None:
    observed = _deployed(_group("a", 205, is_serial=is_serial), _group("b", 206, is_serial=is_serial))
    with pytest.raises(InputError) as caught:
        _plan(observed, _group("a", 206, is_serial=is_serial), _group("b", 205, is_serial=is_serial))
    problems = getattr(caught.value, "problems", (caught.value,))
    assert {(each.code, each.what, each.where) for each in problems} == {
        (
            "address-changes-hands",
            "Address 10.0.0.206 on network 'default' cannot move from b/0 to a/0 in one deploy.",
            "m.yml:a",
        ),
        (
            "address-changes-hands",
            "Address 10.0.0.205 on network 'default' cannot move from a/0 to b/0 in one deploy.",
            "m.yml:b",
        ),
    }


def test_an_address_whose_holder_comes_later_is_refused_and_the_other_order_named() -> None:
    observed = _deployed(_group("a", 205), _group("b", 206))
    with pytest.raises(InputError) as caught:
        _plan(observed, _group("a", 206), _group("b", 207))
    assert caught.value.code == "address-changes-hands"
    assert "list instance group 'b' before 'a'" in caught.value.fix


def test_an_address_passes_between_groups_that_are_updated_together() -> None:
    observed = _deployed(_group("a", 205, is_serial=False), _group("b", 206, is_serial=False))
    plan = _plan(observed, _group("a", 206, is_serial=False), _group("b", 207, is_serial=False))
    assert _vms(scenes.after(plan, observed)) == {"a/0": "10.0.0.206", "b/0": "10.0.0.207"}


def test_an_instance_that_goes_frees_its_address_for_an_earlier_group() -> None:
    observed = _deployed(_group("a", 205), _group("b", 206, 207))
    plan = _plan(observed, _group("a", 207), _group("b", 206))
    assert _vms(scenes.after(plan, observed)) == {"a/0": "10.0.0.207", "b/0": "10.0.0.206"}


def test_a_group_under_a_new_name_is_asked_whether_it_migrates() -> None:
    observed = _deployed(_group("a", 205))
    with pytest.raises(InputError) as caught:
        _plan(observed, _group("renamed", 205))
    assert (caught.value.code, caught.value.why) == ("address-taken", "It is held by a/0.")
    assert "add `migrated_from: [{name: a}]` to it" in caught.value.fix


def test_a_wrong_address_on_record_is_put_right_from_the_vm() -> None:
    observed = _deployed(_group("a", 205))
    (record,) = observed.state.instances
    wrong = replace(record, addresses={"default": "10.0.0.250"})
    plan = _plan(replace(observed, state=replace(observed.state, instances=(wrong,))), _group("a", 205))
    assert plan.is_empty
    assert [(one.name, one.addresses) for one in plan.records] == [("a/0", {"default": "10.0.0.205"})]


def test_an_address_kept_for_an_instance_without_a_vm_is_given_up_when_another_deployment_has_it() -> None:
    plain = scenes.deployment(scenes.group("web"))
    observed = scenes.after(front.make_plan(plain, scenes.nothing(), scenes.asked()), scenes.nothing())
    lost = replace(observed, vms=(), taken={"default": frozenset({"10.0.0.2"})})
    assert front.make_plan(plain, lost, scenes.asked("again")).reserved() == {"default": {"10.0.0.3"}}


def test_an_address_wanted_and_not_had_yet_is_on_no_record() -> None:
    observed = _deployed(_group("a", 205))
    plan = _plan(observed, _group("a", 206), _group("b", 207))
    begun = fold.fold_records(observed.state, plan)
    assert {record.name: dict(record.addresses) for record in begun.instances} == {
        "a/0": {"default": "10.0.0.205"},
        "b/0": {},
    }


_NAMES = ("a", "b", "c")


@st.composite
def _manifests(draw: st.DrawFn) -> tuple[Group, ...]:
    """Up to three groups in any order, some on static addresses, some dynamic; no address twice."""
    names = draw(st.permutations(_NAMES))[: draw(st.integers(1, 3))]
    left = list(draw(st.permutations(range(201, 206))))
    groups = []
    for name in names:
        size, is_static = draw(st.integers(0, 2)), draw(st.booleans())
        azs = draw(st.sampled_from([("z1",), ("z2",), ("z1", "z2")]))
        chosen = [left.pop() for _ in range(size)] if is_static and size <= len(left) else []
        plain = _group(name, *chosen, is_serial=draw(st.booleans()), azs=azs)
        update = replace(plain.update, canaries=replace(plain.update.canaries, number=draw(st.integers(0, 1))))
        groups.append(replace(plain, instances=size, update=update))
    return tuple(groups)


@share(0.6)
@given(manifests=st.lists(_manifests(), min_size=2, max_size=4))
def test_any_move_is_refused_before_anything_or_ends_with_records_as_the_cloud_has_it(
    manifests: list[tuple[Group, ...]],
) -> None:
    observed = scenes.nothing()
    for number, groups in enumerate(manifests):
        try:
            plan = front.make_plan(_wanted(*groups), observed, scenes.asked(f"run-{number}"))
        except InputError:
            continue
        _demand_each_address_once(plan, observed)
        observed = scenes.after(plan, observed)
        assert _addresses(observed) == _vms(observed)
        assert len(set(_vms(observed).values())) == len(observed.vms)
        assert _statics(groups) <= set(_vms(observed).values())
        again = front.make_plan(_wanted(*groups), observed, scenes.asked("again"))
        assert again.actions == () and again.records == ()


def _demand_each_address_once(plan: Plan, observed: Observed) -> None:
    """In the plan's order no VM is made with an address that another VM has."""
    there = {vm.created.cid: str(vm.created.networks[0].ip) for vm in observed.vms}
    cids: Mapping[str, str] = {str(one.id): one.vm.cid for one in observed.state.instances if one.vm}
    for action in plan.actions:
        match action.work:
            case DeleteVm(instance=instance):
                there.pop(cids[str(instance)])  # type: ignore[call-overload]
            case CreateVm(request=request):
                address = str(request.networks[0].ip)
                assert address not in there.values(), f"{action.id} takes {address}"
                there[action.id] = address  # type: ignore[index]
            case _:
                pass


def _statics(groups: tuple[Group, ...]) -> set[str]:
    return {ip for group in groups for net in group.networks for ip in net.static_ips}
