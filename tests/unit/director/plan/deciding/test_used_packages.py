"""What a revision needs again: packages of releases that are the same when its manifest is deployed once more."""

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.actions.send_packages import SendPackages
from director.model.ids import ActionId, EnvironmentName, InstanceId, RunId
from director.model.releases.release import ReleaseReference
from director.model.tasks.plan import Action, Plan
from director.plan.deciding import used_packages

_PACKAGES = {"uploaded": ("u1", "u2"), "remote": ("r",), "folder": ("f",), "floating": ("x",), "addon": ("a",)}
_RELEASES = (
    ReleaseReference(name="uploaded", version="1"),
    ReleaseReference(name="remote", version="2", url="https://releases.test/2.tgz"),
    ReleaseReference(name="folder", version="create", url="file://."),
    ReleaseReference(name="floating", version="latest"),
)


def test_a_directory_a_floating_version_and_a_deleted_release_hold_nothing() -> None:
    plan = _plan(packages=_PACKAGES)
    found = used_packages.of_revision(plan, _RELEASES, uploaded={("uploaded", "1"), ("floating", "7")})
    assert found == {"u1", "u2", "r"}
    assert used_packages.of_revision(plan, _RELEASES, uploaded={("uploaded", "2")}) == {"r"}


def test_a_plan_of_an_earlier_version_holds_what_its_actions_name_while_its_releases_are_there() -> None:
    plan = _plan(sent={"ruby": "k1", "redis": "k2"})
    (release, *_) = _RELEASES
    assert used_packages.of_revision(plan, [release], uploaded={("uploaded", "1")}) == {"k1", "k2"}
    assert used_packages.of_revision(plan, [release], uploaded=()) == frozenset()


def test_a_plan_to_come_holds_all_that_it_names() -> None:
    assert used_packages.of_plan(_plan(packages={"folder": ("f",)}, sent={"ruby": "k1"})) == {"f", "k1"}


def _plan(*, packages: dict[str, tuple[str, ...]] | None = None, sent: dict[str, str] | None = None) -> Plan:
    work = SendPackages(instance=InstanceId("i"), packages=sent or {})
    return Plan(
        run=RunId("run"),
        environment=EnvironmentName("test"),
        deployment=ENVIRONMENT_ITSELF,
        actions=(Action(id=ActionId("run/send_packages/i"), work=work, subject="web/0", reason="new"),),
        packages=packages or {},
    )
