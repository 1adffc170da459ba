"""`clean-up`: which packages are unused, that they are deleted, and that nothing else is."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from cpi.contract.cloud import Storage
from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.session import Session
from director.app.use_cases import clean_up, delete
from director.app.use_cases.clean_up import CleaningRequest, Unneeded
from director.errors import LockedError
from director.model.ids import DeploymentName, Digest, EnvironmentName, storage_name
from director.model.releases.release import CompiledPackage, ReleasePackage
from director.model.releases.uploaded_release import UploadedRelease
from director.ports.release_uploads import ReleaseUploads
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

OLD = b"compiled long ago"
OLD_DIGEST = Digest(f"sha256:{hashlib.sha256(OLD).hexdigest()}")
FOREIGN = "sha256/of-someone-else"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """`app` is deployed; a package of another time is on this machine and in the storage."""
    made = Lab(Simulation(has_storage=True), tmp_path)
    made.deploy()
    blobs = made.session().world.blobs
    digest = blobs.put_blob(io.BytesIO(OLD))
    blobs.save_compiled(CompiledPackage(key="old", digest=digest, size=len(OLD)))
    _storage(made.session()).put_blob(storage_name(digest), io.BytesIO(OLD), size=len(OLD))
    _storage(made.session()).put_blob(FOREIGN, io.BytesIO(b"1"), size=1)
    return made


def test_what_nothing_uses_is_listed_with_its_number_and_size_and_deleted(lab: Lab) -> None:
    before = _there(lab)
    assert _rows(lab) == [
        ("compiled package", "on this machine", 1, "17 bytes", 17),
        ("stored package", "in memory", 1, "17 bytes", 17),
    ]
    _clean(lab)
    assert _rows(lab) == []
    after = _there(lab)
    gone = {"old", storage_name(OLD_DIGEST)}
    assert after == before - gone and len(before - after) == 2
    assert not lab.session().world.blobs.has_blob(OLD_DIGEST)
    assert lab.deploy().report is None


def test_packages_of_revisions_stored_plans_and_unfinished_runs_stay(lab: Lab) -> None:
    """Each time with another package: that of the first deploy is only in a revision by then."""
    _clean(lab)
    _change_package(lab, "second")
    with pytest.raises(Death):
        lab.deploy(deaths=Deaths(at=20))
    assert _rows(lab) == []
    lab.deploy()
    _change_package(lab, "third")
    (key,) = lab.store().plan.packages["tools"]
    blobs = lab.session().world.blobs
    blobs.save_compiled(CompiledPackage(key=key, digest=blobs.put_blob(io.BytesIO(b"third")), size=5))
    assert _rows(lab) == []


def test_a_deleted_deployment_uses_what_its_revisions_need(lab: Lab) -> None:
    _clean(lab)
    session = lab.session()
    delete.delete_deployment(
        session, "app", caller=calling("delete-deployment"), is_forcing=False, confirm=lambda _: None
    )
    assert _rows(lab) == []


def test_a_blob_that_another_package_shares_stays(lab: Lab) -> None:
    world = lab.session().world
    (used, *_) = [one for one in world.blobs.list_compiled() if one.key != "old"]
    world.blobs.save_compiled(replace(used, key="twin"))
    _clean(lab)
    assert "twin" not in _there(lab)
    assert lab.session().world.blobs.find_compiled([used.key]) == {used.key: used}


def test_what_is_used_meanwhile_stays(lab: Lab) -> None:
    _clean(lab)
    _change_package(lab, "second")
    blobs = lab.session().world.blobs
    with pytest.raises(Death):
        lab.deploy(deaths=Deaths(at=30))
    listed = _find(lab)
    unneeded = replace(listed, packages=replace(listed.packages, compiled=blobs.list_compiled()))
    before = _there(lab)
    session = lab.session()
    clean_up.clean_up(session, _home(session), unneeded, caller=calling("clean-up"))
    assert _there(lab) == before


def test_a_release_that_another_clean_up_deleted_is_skipped(lab: Lab) -> None:
    session = lab.session()
    gone = UploadedRelease(name="gone", version="1", digest=OLD_DIGEST, outline=OLD_DIGEST, size=1, content="")
    clean_up.clean_up(session, _home(session), Unneeded(releases=(gone,)), caller=calling("clean-up"))


def test_nothing_is_deleted_while_a_deployment_of_another_environment_changes(lab: Lab) -> None:
    session = lab.session()
    world = session.world
    own = world.store.load_environment(session.settings.environment)
    assert own
    other = replace(own, name=EnvironmentName("other"))
    with world.store.hold_lease(other.name, DeploymentName("x"), caller=calling("deploy")) as lease:
        world.store.save_environment(lease, other)
        unneeded = clean_up.find_unneeded(session, _home(session), CleaningRequest())
        with pytest.raises(LockedError):
            clean_up.clean_up(session, _home(session), unneeded, caller=calling("clean-up"))
    assert clean_up.find_unneeded(session, _home(session), CleaningRequest()) == unneeded


def test_killed_anywhere_the_next_one_continues(tmp_path: Path) -> None:
    for at in range(1, 40):
        folder = tmp_path / str(at)
        folder.mkdir()
        with _lab_with_old(folder) as lab:
            deaths = Deaths(at=at)
            try:
                _clean(lab, deaths)
            except Death:
                _clean(lab)
                is_dead = True
            else:
                is_dead = False
            assert _rows(lab) == []
            assert "old" not in _there(lab) and FOREIGN in _there(lab)
            assert lab.session().world.journal.open_runs(lab.session().settings.environment) == ()
        if not is_dead:
            assert at > 5
            return
    raise AssertionError("it never ended by itself")


@contextmanager
def _lab_with_old(folder: Path) -> Iterator[Lab]:
    yield lab.__wrapped__(folder)  # type: ignore[attr-defined]


def _change_package(lab: Lab, fingerprint: str) -> None:
    lab.release = replace(lab.release, packages=(ReleasePackage(name="server", fingerprint=fingerprint),))


def _storage(session: Session) -> Storage:
    (cloud,) = session.world.clouds.values()
    assert cloud.storage is not None
    return cloud.storage


def _there(lab: Lab) -> set[str]:
    """Keys of what is compiled, and names of what is stored."""
    session = lab.session()
    return {*(one.key for one in session.world.blobs.list_compiled()), *_storage(session).list_blobs()}


def _home(session: Session) -> ReleaseHome:
    world = session.world
    return ReleaseHome(
        settings=session.settings,
        store=world.store,
        journal=world.journal,
        plans=world.plans,
        records=world.release_records,
        releases=world.releases,
        uploads=cast(ReleaseUploads, None),
        clock=world.clock,
    )


def _find(lab: Lab) -> Unneeded:
    session = lab.session()
    return clean_up.find_unneeded(session, _home(session), CleaningRequest())


def _rows(lab: Lab) -> list[tuple[object, ...]]:
    table = clean_up.unneeded_table(lab.session(), _find(lab), is_deleted=False)
    return [tuple(row[name] for name in ("kind", "name", "count", "size", "bytes")) for row in table.rows]


def _clean(lab: Lab, deaths: Deaths | None = None) -> None:
    session = lab.session(deaths)
    home = _home(session)
    unneeded = clean_up.find_unneeded(session, home, CleaningRequest())
    clean_up.clean_up(session, home, unneeded, caller=calling("clean-up"))
