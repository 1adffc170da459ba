"""Uploads of packages to object storage: each once, before the VMs that fetch it."""

from dataclasses import replace

from director.actions.compile_package import CompilePackage
from director.actions.save_compiled import SaveCompiled
from director.actions.send_packages import SendPackages
from director.actions.store_package import StorePackage
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Desired
from director.model.ids import ActionId, Digest
from director.model.releases.release import CompiledPackage
from director.model.tasks.plan import Plan
from director.plan import front
from tests.unit.director.plan import scenes

LIBRARY = scenes.need("library")
PROGRAM = scenes.need("program", "library")


def _desired() -> Desired:
    group = replace(scenes.group("web", 2), packages=(PROGRAM.key,))
    return scenes.deployment(group, packages=[LIBRARY, PROGRAM])


def _plan(*compiled: str, storing: frozenset[str]) -> Plan:
    there = {key: CompiledPackage(key=key, digest=Digest("sha256:0"), size=1) for key in compiled}
    request = replace(scenes.asked(), storing=storing)
    return front.make_plan(_desired(), replace(scenes.nothing(), compiled=there), request)


def test_a_dependency_is_stored_for_the_compile_vm_and_a_package_for_the_instances_each_once() -> None:
    plan = _plan(storing=frozenset({ONLY_CLOUD}))
    stored = {action.work.name: action for action in plan.actions if isinstance(action.work, StorePackage)}
    assert sorted(stored) == ["library", "program"]
    saved = {action.work.key: action.id for action in plan.actions if isinstance(action.work, SaveCompiled)}
    assert {name: action.after for name, action in stored.items()} == {
        "library": (saved[LIBRARY.key],),
        "program": (saved[PROGRAM.key],),
    }
    assert _compiling(plan)["program"] == (ONLY_CLOUD, {stored["library"].id})
    sends = [action for action in plan.actions if isinstance(action.work, SendPackages)]
    assert len(sends) == 2
    assert all(stored["program"].id in send.after for send in sends)


def test_a_dependency_that_was_compiled_long_ago_is_stored_too() -> None:
    plan = _plan(LIBRARY.key, storing=frozenset({ONLY_CLOUD}))
    (library,) = [one for one in plan.actions if isinstance(one.work, StorePackage) and one.work.name == "library"]
    assert (library.after, _compiling(plan)) == ((), {"program": (ONLY_CLOUD, {library.id})})


def test_without_storage_nothing_is_stored_and_what_needs_nothing_fetches_nothing() -> None:
    assert _compiling(_plan(storing=frozenset())) == {"library": (None, set()), "program": (None, set())}
    assert _compiling(_plan(storing=frozenset({ONLY_CLOUD})))["library"] == (None, set())


def _compiling(plan: Plan) -> dict[str, tuple[str | None, set[ActionId]]]:
    """By package: the cloud it fetches from, and the stored packages it waits for."""
    stored = {action.id for action in plan.actions if isinstance(action.work, StorePackage)}
    return {
        action.work.package.name: (action.work.store, stored & set(action.after))
        for action in plan.actions
        if isinstance(action.work, CompilePackage)
    }
