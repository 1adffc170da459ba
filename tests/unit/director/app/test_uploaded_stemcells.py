"""`upload-stemcell` and `delete-stemcell` on a simulated cloud: what they record, refuse, prove, and survive."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.cloud import Finder
from cpi.contract.errors import ExplainedError
from cpi.contract.values import FoundDisk, FoundSnapshot, FoundStemcell, FoundVm, OwnerQuery, StemcellCid
from director import errors
from director.app.landing import landing_zones
from director.app.sessions.session import Session
from director.app.use_cases import delete_stemcell, down, stemcells, upload_stemcell
from director.app.use_cases.delete_stemcell import StemcellDeletion
from director.app.use_cases.down import DownRequest
from director.app.use_cases.upload_stemcell import StemcellUpload, StemcellUploadRequest
from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.errors import InputError, LockedError, Problems
from director.model.cloud_names import ONLY_CLOUD
from director.model.configs import ConfigType, StoredConfig
from director.model.environments.state import DeploymentState
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.ids import DeploymentName, RunId
from director.model.releases.stemcell_tarball import StemcellPlace
from director.model.tasks.stored_plan import PlanOptions, StoredPlan
from tests.support import blob_server, flow, worlds
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.stemcell_tarballs import NAME, OS, VERSION, write_stemcell
from tests.support.wants import DEPLOYMENT, small

DELETION = StemcellDeletion(name=NAME, version=VERSION, caller=calling("delete-stemcell"))


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def session(simulation: Simulation, tmp_path: Path) -> Session:
    return _landed(simulation, tmp_path)


def _landed(simulation: Simulation, home: Path) -> Session:
    made = session_of(simulation, home, file=LANDING)
    landing_zones.create_environment(made, caller=calling("up"))
    return made


def _upload(session: Session, place: Path, **wanted: str | bool) -> StemcellUpload:
    request = StemcellUploadRequest(place=StemcellPlace(place=str(place), base="/"), caller=calling("upload-stemcell"))
    tarballs = LocalStemcellTarballs(Path(session.settings.home) / "stemcells", DownloadSettings())
    return upload_stemcell.upload_stemcell(session, tarballs, replace(request, **wanted))  # type: ignore[arg-type]


def _delete(session: Session, request: StemcellDeletion = DELETION) -> tuple[UploadedStemcell, ...]:
    return delete_stemcell.delete_stemcell(session, request, _agreed)


def _agreed(found: Sequence[object]) -> None:
    """Whatever it is."""


def _own(simulation: Simulation) -> list[FoundStemcell]:
    return [one for one in simulation.cloud.inventory().stemcells if one.os == OS]


def _code(call: Callable[[], object]) -> str:
    with pytest.raises((ExplainedError, Problems)) as caught:
        call()
    error = caught.value
    return error.problems[0].code if isinstance(error, Problems) else error.code


def test_a_stemcell_is_uploaded_once_and_recorded(session: Session, simulation: Simulation, tmp_path: Path) -> None:
    path = write_stemcell(tmp_path)
    first, second = _upload(session, path), _upload(session, path)
    assert (first.is_new, second.is_new, second.stemcells) == (True, False, first.stemcells)
    there = _own(simulation)
    assert [(one.cid, one.version) for one in there] == [(first.stemcells[0].cid, VERSION)]
    record = session.environment().uploaded[0]
    assert (record.title, record.os, record.formats, record.api_version) == (
        f"{NAME}/{VERSION}",
        OS,
        ("memory-light",),
        3,
    )
    offers = session.environment().offers()
    assert [(one.name, one.cid) for one in offers if one.name] == [(NAME, there[0].cid)]
    rows = stemcells.list_stemcells(session).rows
    assert [(row["name"], row.get("digest")) for row in rows] == [("", None), (NAME, record.digest)]


def test_what_was_checked_is_uploaded_without_another_download(session: Session, tmp_path: Path) -> None:
    settings = DownloadSettings(timeout_s=5.0, retry_delays_s=(), allows_loopback_http=True)
    tarballs = LocalStemcellTarballs(tmp_path / "stemcells", settings)
    with blob_server.open_store(tmp_path) as store:
        place = StemcellPlace(place=store.keep(write_stemcell(tmp_path).read_bytes()).url.url, base="/")
        request = StemcellUploadRequest(place=place, caller=calling("up"))
        upload_stemcell.check_stemcell(session, tarballs, request)
        assert upload_stemcell.upload_stemcell(session, tarballs, request).is_new
        assert len(store.asked) == 1


def test_by_name_and_version_nothing_is_read_of_what_is_there(session: Session, tmp_path: Path) -> None:
    _upload(session, write_stemcell(tmp_path))
    assert not _upload(session, Path("/no/such"), name=NAME, version=VERSION).is_new
    assert _code(lambda: _upload(session, Path("/no/such"), name=NAME, version="3.2")) == "stemcell-unavailable"


@pytest.mark.parametrize(
    ("changes", "wanted", "code"),
    [
        ({"bosh_protocol": 1}, {}, "stemcell-needs-agent"),
        ({"stemcell_formats": ["aws-light"]}, {}, "stemcell-format-mismatch"),
        ({"cloud_properties": {"image": "gone"}}, {}, "unknown-image"),
        ({"version": 3.1}, {}, "wrong-type"),
        ({"name": "../x"}, {}, "wrong-value"),
        ({"name": None}, {}, "missing-key"),
        ({"sha1": "abc"}, {}, "digest-unreadable"),
        ({}, {"name": "other"}, "stemcell-mismatch"),
        ({}, {"version": "9"}, "stemcell-mismatch"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_made(
    session: Session,
    simulation: Simulation,
    tmp_path: Path,
    changes: dict[str, Any],
    wanted: dict[str, str],
    code: str,
) -> None:
    path = write_stemcell(tmp_path, **changes)
    assert _code(lambda: _upload(session, path, **wanted)) == code
    assert (_own(simulation), session.environment().uploaded) == ([], ())


def test_an_image_that_does_not_match_stemcell_mf_is_refused(session: Session, tmp_path: Path) -> None:
    path = write_stemcell(tmp_path, b"an image", sha1="0" * 40, stemcell_formats=None)
    assert _code(lambda: _upload(session, path)) == "stemcell-image-damaged"
    heavy = write_stemcell(tmp_path, b"an image", stemcell_formats=None)
    assert _code(lambda: _upload(session, heavy)) == "stemcell-format", "and the cloud's own refusal comes after that"


def test_what_a_cloud_refuses_of_an_image_names_the_tarball(session: Session, tmp_path: Path) -> None:
    path = write_stemcell(tmp_path, b"image", stemcell_formats=None)
    with pytest.raises(ExplainedError) as refused:
        _upload(session, path, named_at="index.yml:4:3")
    (problem,) = errors.each_problem(refused.value)
    why = f"It was given the image in {path}."
    assert (problem.code, problem.why, problem.where) == ("stemcell-format", why, "index.yml:4:3")


def test_the_operator_s_word_admits_a_stemcell_of_bosh_s_making(session: Session, tmp_path: Path) -> None:
    assert _upload(session, write_stemcell(tmp_path, bosh_protocol=1), has_cloud_init=True).is_new


def test_fix_creates_the_image_again_and_new_vms_are_of_that_one(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    path = write_stemcell(tmp_path)
    old = _upload(session, path).stemcells[0]
    new = _upload(session, path, is_fixing=True).stemcells
    assert len(new) == 1
    assert {one.cid for one in _own(simulation)} == {old.cid, new[0].cid}
    assert [one.cid for one in session.environment().offers() if one.name] == [new[0].cid]
    _delete(session)
    assert (_own(simulation), session.environment().uploaded) == ([], ())


def test_fix_forgets_an_image_that_the_cloud_has_lost(session: Session, simulation: Simulation, tmp_path: Path) -> None:
    path = write_stemcell(tmp_path)
    simulation.cloud.resources.stemcells.pop(_upload(session, path).stemcells[0].cid)
    _upload(session, path, is_fixing=True)
    assert [one.is_replaced for one in session.environment().uploaded] == [False]


def test_a_stemcell_in_use_is_not_deleted_and_its_users_are_named(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    cid = _upload(session, write_stemcell(tmp_path)).stemcells[0].cid
    _deploy_on(simulation, cid)
    with pytest.raises(InputError) as caught:
        _delete(session)
    assert (caught.value.code, f"deployment '{DEPLOYMENT}'" in caught.value.why) == ("stemcell-in-use", True)
    assert [one.cid for one in _own(simulation)] == [cid]


def test_a_deployment_without_vms_that_names_it_uses_it(session: Session, tmp_path: Path) -> None:
    _upload(session, write_stemcell(tmp_path))
    manifest = f"name: x\nstemcells: [{{alias: a, os: {OS}, version: '{VERSION}'}}]\n"
    _save_deployment(session, manifest)
    assert _code(lambda: _delete(session)) == "stemcell-in-use"
    _save_deployment(session, manifest.replace(VERSION, "9"))
    assert _delete(session)


def test_a_stemcell_that_a_stored_plan_needs_is_deleted_by_force_alone(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    cid = _upload(session, write_stemcell(tmp_path)).stemcells[0].cid
    _deploy_on(simulation, cid)
    journal = session.world.journal
    deploys = [run for run in journal.list_runs(session.settings.environment, limit=9) if run.deployment == DEPLOYMENT]
    run = journal.load_run(session.settings.environment, deploys[-1].number)
    assert run is not None
    plan = replace(run.plan, run=RunId("another"))
    with session.world.store.hold_all_leases(session.settings.environment, caller=calling("x")) as leases:
        session.world.store.delete_deployment(leases[DeploymentName(DEPLOYMENT)])
    session.world.plans.save_plan(
        StoredPlan(
            caller=replace(calling("plan"), at=session.world.clock.now()), plan=plan, options=PlanOptions(), basis={}
        )
    )
    assert _code(lambda: _delete(session)) == "stemcell-planned"
    assert _delete(session, replace(DELETION, is_forced=True))
    assert _own(simulation) == []


def test_a_stemcell_is_deleted_with_proof_and_then_unknown(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    _upload(session, write_stemcell(tmp_path))
    assert len(_delete(session)) == 1
    assert (_own(simulation), session.environment().uploaded) == ([], ())
    assert not [one for one in session.environment().offers() if one.name]
    assert _code(lambda: _delete(session)) == "stemcell-not-uploaded"


class _StaleFinder:
    """A cloud without VMs and disks, whose list of stemcells still has what was deleted."""

    def __init__(self, listed: tuple[FoundStemcell, ...]) -> None:
        self._listed = listed

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        return self._listed

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        return ()

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        return ()

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        return ()


def test_what_the_cloud_still_lists_after_its_deletion_is_an_error_and_keeps_its_record(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    _upload(session, write_stemcell(tmp_path))
    stale = cast(Finder, _StaleFinder(tuple(simulation.cloud.inventory().stemcells)))
    connected = replace(session.world.clouds[ONLY_CLOUD], finder=stale)
    blind = replace(session, world=worlds.with_clouds(session.world, {ONLY_CLOUD: connected}))
    assert _code(lambda: _delete(blind)) == "stemcell-left"
    assert len(session.environment().uploaded) == 1
    assert _delete(session), "the same command again ends it"


def test_every_cloud_that_takes_the_format_gets_it(session: Session, simulation: Simulation, tmp_path: Path) -> None:
    far = MemoryCloud(simulation.rules)
    clouds = {ONLY_CLOUD: session.world.clouds[ONLY_CLOUD], "far": connect_cloud(far)}
    both = replace(session, world=worlds.with_clouds(session.world, clouds))
    uploaded = _upload(both, write_stemcell(tmp_path)).stemcells
    assert sorted(one.cloud for one in uploaded) == ["far", ONLY_CLOUD]
    assert [one.os for one in far.inventory().stemcells] == [OS] == [one.os for one in _own(simulation)]
    assert not _upload(both, write_stemcell(tmp_path)).is_new
    assert len(_delete(both)) == 2
    assert (list(far.inventory().stemcells), _own(simulation)) == ([], [])


def test_the_image_has_the_tags_of_the_runtime_config(session: Session, simulation: Simulation, tmp_path: Path) -> None:
    config = StoredConfig(
        environment=session.settings.environment, type=ConfigType.RUNTIME, name="default", content="tags: {team: a}\n"
    )
    session.world.configs.save_config(config, replaces=0)
    cid = _upload(session, write_stemcell(tmp_path)).stemcells[0].cid
    assert simulation.cloud.labels()[cid]["team"] == "a"


def test_nothing_is_deleted_while_a_deployment_changes(session: Session, tmp_path: Path) -> None:
    _upload(session, write_stemcell(tmp_path))
    store, environment = session.world.store, session.settings.environment
    with (
        store.hold_lease(environment, DeploymentName("x"), caller=calling("deploy")),
        pytest.raises(LockedError),
    ):
        _delete(session)


def test_up_keeps_what_was_uploaded_and_down_deletes_it(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    uploaded = _upload(session, write_stemcell(tmp_path)).stemcells
    landing_zones.create_environment(session, caller=calling("up"))
    assert session.environment().uploaded == uploaded
    report = down.take_down(session, DownRequest(caller=calling("down")), _agreed)  # type: ignore[arg-type]
    assert ((*report.left,), _own(simulation), report.is_forgotten) == ((), [], True)


@pytest.mark.parametrize(
    ("command", "has_finder"),
    [(_upload, True), (_delete, True), (_delete, False)],
    ids=["upload", "delete", "delete-by-journal"],
)
def test_killed_anywhere_the_same_command_continues(
    tmp_path: Path, command: Callable[..., object], has_finder: bool
) -> None:
    """Twice is once, wherever the director dies. Where a cloud cannot list what it has, an upload in doubt is the
    operator's to look up (`call-uncertain`), as any create is."""
    path, at, struck = write_stemcell(tmp_path), 0, True
    while struck:
        at += 1
        simulation = Simulation(has_finder=has_finder)
        home = tmp_path / str(at)
        home.mkdir()
        session = _landed(simulation, home)
        if command is _delete:
            _upload(session, path)
        deaths = Deaths(at)
        dying = replace(session, world=simulation.process(deaths))
        arguments = (path,) if command is _upload else ()
        try:
            command(dying, *arguments)
        except Death:
            again = replace(session, world=simulation.process())
            if command is _upload or again.environment().uploaded:
                command(again, *arguments)
        struck = deaths.has_struck
        wanted = 1 if command is _upload else 0
        assert len(_own(simulation)) == wanted, deaths.passed[-1]
        assert [bool(one.cid) for one in session.environment().uploaded] == [True] * wanted, deaths.passed[-1]
    assert at > 8, "a sweep over a handful of boundaries proves nothing"


def _deploy_on(simulation: Simulation, cid: StemcellCid) -> None:
    plain = small()
    offer = replace(plain.groups[0].stemcell, cid=cid)
    groups = tuple(replace(group, stemcell=offer) for group in plain.groups)
    flow.deploying(replace(plain, groups=groups))(simulation, Deaths())


def _save_deployment(session: Session, manifest: str) -> None:
    store, environment, name = session.world.store, session.settings.environment, DeploymentName("x")
    with store.hold_lease(environment, name, caller=calling("deploy")) as lease:
        before = store.load_deployment(environment, name)
        state = before or DeploymentState(environment=environment, deployment=name)
        store.save_deployment(lease, replace(state, manifest=manifest))
