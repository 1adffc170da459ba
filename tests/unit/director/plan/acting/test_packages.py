"""Compiling: what is needed and not there, on as few VMs as help, in the order of dependencies."""

from dataclasses import replace

import pytest

from cpi.contract.values import StemcellCid
from director.actions.create_vm import CreateVm
from director.errors import InputError
from director.model.environments.desired import Desired
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage
from director.model.tasks.plan import Plan
from director.plan import front
from tests.unit.director.plan import scenes


def _desired(*names: str, workers: int = 2) -> Desired:
    plain = scenes.deployment(packages=[scenes.need(name) for name in names])
    return replace(plain, compilation=replace(plain.compilation, workers=workers))


def _plan(desired: Desired, *compiled: str) -> Plan:
    there = {key: CompiledPackage(key=key, digest=Digest("sha256:0"), size=1) for key in compiled}
    return front.make_plan(desired, replace(scenes.nothing(), compiled=there), scenes.asked())


@pytest.mark.parametrize(("packages", "workers", "vms"), [("abc", 2, 2), ("a", 2, 1), ("abcd", 9, 4)])
def test_there_are_as_many_compile_vms_as_packages_at_most_as_many_as_workers(
    packages: str, workers: int, vms: int
) -> None:
    plan = _plan(_desired(*packages, workers=workers))
    assert sum(action.work.kind == "create_vm" for action in plan.actions) == vms


def test_what_is_compiled_is_not_compiled_again() -> None:
    plan = _plan(_desired("a", "b"), "key-a")
    assert [action.subject for action in plan.actions if action.work.kind == "compile_package"] == ["package b"]
    assert _plan(_desired("a", "b"), "key-a", "key-b").is_empty


def test_packages_of_two_stemcells_are_compiled_in_two_pools() -> None:
    other = replace(scenes.STEMCELL, version="13")
    second = replace(scenes.need("b"), stemcell=other)
    desired = scenes.deployment(packages=[scenes.need("a"), second])
    found = replace(scenes.FOUND_STEMCELL, cid=StemcellCid("stemcell-2"), version="13")
    request = replace(scenes.asked(), stemcells=(scenes.FOUND_STEMCELL, found))
    plan = front.make_plan(desired, scenes.nothing(), request)
    pools = {action.subject: action.pool for action in plan.actions if action.pool}
    assert pools == {
        "compiler-1": "compilers",
        "package a": "compilers",
        "compiler-2": "compilers-debian-13-x86_64",
        "package b": "compilers-debian-13-x86_64",
    }
    created = {action.subject: action.work for action in plan.actions if isinstance(action.work, CreateVm)}
    assert {name: work.request.stemcell_cid for name, work in created.items()} == {
        "compiler-1": "stemcell-1",
        "compiler-2": "stemcell-2",
    }


def test_a_hint_of_how_long_it_takes_is_the_estimate() -> None:
    request = replace(scenes.asked(), compile_times_s={"a": 120.0})
    plan = front.make_plan(_desired("a", "b"), scenes.nothing(), request)
    estimates = {action.subject: action.estimate_s for action in plan.actions if action.work.kind == "compile_package"}
    assert estimates == {"package a": 120.0, "package b": 30.0}


def test_too_few_addresses_for_compile_vms_are_told() -> None:
    desired = replace(_desired("a", "b"), networks=(scenes.network("default", scenes.subnet("10.0.0.0/30")),))
    with pytest.raises(InputError) as caught:
        front.make_plan(desired, scenes.nothing(), scenes.asked())
    assert (caught.value.code, caught.value.what) == (
        "address-pool-empty",
        "Network 'default' has too few addresses: none is left for compiler-2.",
    )


def test_what_a_release_has_compiled_is_taken_from_it_without_a_vm() -> None:
    ready = replace(scenes.need("a"), is_compiled=True)
    plan = front.make_plan(scenes.deployment(packages=[ready]), scenes.nothing(), scenes.asked())
    assert [(action.work.kind, action.subject) for action in plan.actions] == [("take_compiled", "package a")]


def test_compiling_waits_for_dependencies_that_are_taken() -> None:
    ready = replace(scenes.need("a"), is_compiled=True)
    plan = front.make_plan(scenes.deployment(packages=[ready, scenes.need("b", "a")]), scenes.nothing(), scenes.asked())
    taken = next(action.id for action in plan.actions if action.work.kind == "take_compiled")
    compiling = next(action for action in plan.actions if action.work.kind == "compile_package")
    assert (compiling.subject, taken in compiling.after) == ("package b", True)
    assert sum(action.work.kind == "create_vm" for action in plan.actions) == 1
