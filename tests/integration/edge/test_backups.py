"""Backups of a home: as it was at one moment, refused when changed, and put back whole whenever it is killed."""

import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from director.app.sessions.settings import Settings
from director.app.use_cases import restore as restoring
from director.app.use_cases.restore import RestoreRequest
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.backups import backup_inventory
from director.edge.backups.backup_archives import LocalBackups
from director.edge.machine import atomic_files, file_locks, tar_members
from director.errors import InputError, LockedError, StateError
from director.model.backups import RestoredHome
from director.model.ids import EnvironmentName
from tests.support import backed_up_homes
from tests.support.command import ROOT

WRITING = """
import itertools, pathlib, sys
from tests.support import backed_up_homes
home = pathlib.Path(sys.argv[1])
for number in itertools.count(1):
    backed_up_homes.fill(home, number)
    if number > 3:
        backed_up_homes.empty(home, number - 3)
    print(number, flush=True)
"""
KILLING = """
import json, os, pathlib, shutil, signal, sys
from tests.integration.edge import test_backups
folder = pathlib.Path(sys.argv[1])
counted = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "fcntl.flock", "shutil.rmtree"}
def dying_at(at, home):
    seen = 0
    def dies(event, arguments):
        nonlocal seen
        if event in counted:
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(dies)
    test_backups.restore(home, folder / "backup.tar", is_replacing=True)
for at in range(1, 1000):
    home = folder / "homes" / str(at)
    shutil.copytree(folder / "home", home)
    child = os.fork()
    if not child:
        dying_at(at, home)
        os._exit(0)
    is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    between = test_backups.described(home)
    if is_killed:
        test_backups.restore(home, folder / "backup.tar", is_replacing=True)
    print(json.dumps([between, test_backups.described(home)]), flush=True)
    shutil.rmtree(home)
    if not is_killed:
        break
"""
"""At every call that touches files: the first one dies there, the same command again comes to the end."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two deployments."""
    place = tmp_path / "home"
    for number in (1, 2):
        backed_up_homes.fill(place, number)
    (place / "environments" / "lab").mkdir(parents=True)
    (place / "environments" / "lab.yml").write_text("cloud: local\n")
    (place / "environments" / "lab" / "ssh_key").write_text("key")
    (place / "bundles" / "d1" / ".final_builds").mkdir(parents=True)
    (place / "bundles" / "d1" / ".final_builds" / "run.sh").write_text("#!/bin/sh\n")
    (place / "bundles" / "d1" / ".final_builds" / "run.sh").chmod(0o755)
    (place / "blobs" / "compiled").mkdir()
    (place / "blobs" / "compiled" / "cache.json").write_text("{}")
    return place


def write(home: Path, path: Path, *, has_key: bool = True, has_all_blobs: bool = False) -> Path:
    LocalBackups(home).write(str(path), made_at=1.7e9, has_key=has_key, has_all_blobs=has_all_blobs)
    return path


def restore(home: Path, path: Path, *, is_replacing: bool = False, key: Path | None = None) -> RestoredHome:
    home.mkdir(mode=0o700, exist_ok=True)
    request = RestoreRequest(path=str(path), at=1.8e9, key=str(key) if key else None, is_replacing=is_replacing)
    return restoring.restore(LocalBackups(home), request, lambda _: None)


def described(home: Path) -> dict[str, Any] | None:
    """What a home holds and what it held before, opened as commands open it; None where they are refused."""
    try:
        with Home(Settings(home=str(home), environment=EnvironmentName("lab"))) as opened:
            opened.part(open_folder)
    except StateError as error:
        assert error.code == "restore-unfinished"
        return None
    return {
        "content": backed_up_homes.content(home),
        "former": [backed_up_homes.content(_whole(folder, home)) for folder in sorted(home.glob("replaced-*"))],
        "file": (home / "environments/lab.yml").read_text(),
        "is_half": (home / "restoring").exists(),
    }


def _whole(former: Path, home: Path) -> Path:
    """A copy of a former content with the blobs, which stay where they are."""
    copy = home.with_name(f"{home.name}-{former.name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(former, copy)
    shutil.copytree(home / "blobs", copy / "blobs")
    return copy


def test_what_is_restored_is_what_was_backed_up(home: Path, tmp_path: Path) -> None:
    path = write(home, tmp_path / "backup.tar")
    restored = restore(tmp_path / "other", path)
    assert backed_up_homes.content(tmp_path / "other") == backed_up_homes.content(home)
    assert (restored.former, restored.backup.environments[0].deployments) == ("", ("app-1", "app-2"))
    assert path.stat().st_mode & 0o777 == 0o600
    modes = {
        str(each.relative_to(tmp_path / "other")): each.stat().st_mode & 0o777
        for each in (tmp_path / "other").rglob("*")
    }
    script = "bundles/d1/.final_builds/run.sh"
    assert modes.pop(script) == 0o755
    assert set(modes.values()) == {0o700, 0o600}
    assert (tmp_path / "other" / "environments/lab/ssh_key").read_text() == "key"
    assert not (tmp_path / "other" / "blobs/compiled").exists()
    with tarfile.open(path) as archive:  # as anyone reads it
        assert archive.getnames()[:2] == ["backup.json", "backup.seal"]


def test_caches_are_in_it_where_they_are_wanted(home: Path, tmp_path: Path) -> None:
    restore(tmp_path / "other", write(home, tmp_path / "backup.tar", has_all_blobs=True))
    assert (tmp_path / "other" / "blobs/compiled/cache.json").read_text() == "{}"


def test_a_home_with_content_is_replaced_only_where_that_is_asked_for(home: Path, tmp_path: Path) -> None:
    path = write(home, tmp_path / "backup.tar")
    before = backed_up_homes.content(home)
    backed_up_homes.fill(home, 3)
    after = backed_up_homes.content(home)
    with pytest.raises(InputError) as caught:
        restore(home, path)
    assert (caught.value.code, backed_up_homes.content(home)) == ("home-not-empty", after)
    former = restore(home, path, is_replacing=True).former
    assert backed_up_homes.content(home) == before
    assert backed_up_homes.content(_whole(Path(former), home)) == after


def test_each_backup_is_of_one_moment_while_commands_write_and_delete(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(home)]
    seen = set()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout
            writer.stdout.readline()
            for at in range(25):
                path = write(home, tmp_path / "backup.tar")
                restore(tmp_path / str(at), path)
                found = backed_up_homes.content(tmp_path / str(at))  # raises where anything that is named is missing
                seen.add(json.dumps(found))
        finally:
            writer.kill()
    assert len(seen) > 10, "the writer was at work"


def test_a_restore_killed_at_any_call_is_continued_by_the_same_command(home: Path, tmp_path: Path) -> None:
    path = write(home, tmp_path / "backup.tar")
    before = backed_up_homes.content(home)
    backed_up_homes.fill(home, 3)
    (home / "environments" / "lab.yml").write_text("cloud: aws\n")
    after = backed_up_homes.content(home)
    done = subprocess.run(
        [sys.executable, "-c", KILLING, str(path.parent)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ends) > 50
    wholes = ((after, "cloud: aws\n"), (before, "cloud: local\n"))
    for between, end in ends:
        assert between is None or (between["content"], between["file"]) in wholes
        assert (end["content"], end["file"], end["is_half"]) == (before, "cloud: local\n", False)
        assert end["former"][0] == after
    assert {between is None for between, _ in ends} == {True, False}


def test_no_other_command_opens_a_home_that_is_half_restored(home: Path, tmp_path: Path) -> None:
    (home / "restoring").mkdir()
    (home / "restoring" / "begun").write_text('{"digest": "d", "stamp": "s"}')
    with (
        Home(Settings(home=str(home), environment=EnvironmentName("lab"))) as opened,
        pytest.raises(StateError) as caught,
    ):
        opened.part(open_folder)
    assert caught.value.code == "restore-unfinished"


@pytest.mark.parametrize("lock", ["leases/lab/.all.lock", "tasks/7.lock"])
def test_a_home_in_which_a_command_works_is_left_alone(home: Path, tmp_path: Path, lock: str) -> None:
    path = write(home, tmp_path / "backup.tar")
    before = backed_up_homes.content(home)
    with atomic_files.open_lock(home / lock) as held:
        assert file_locks.is_taken(held, is_shared=lock.startswith("leases"))
        with pytest.raises(LockedError) as caught:
            restore(home, path, is_replacing=True)
    assert (caught.value.code, (home / "restoring").exists()) == ("home-in-use", False)
    assert backed_up_homes.content(home) == before
    restore(home, path, is_replacing=True)


def test_without_its_key_a_backup_shows_no_secret_and_is_restored_with_it(home: Path, tmp_path: Path) -> None:
    path, key = write(home, tmp_path / "backup.tar", has_key=False), tmp_path / "kept"
    shutil.copy(home / "vault.key", key)
    assert (home / "vault.key").read_bytes() not in path.read_bytes()
    assert b"value 1" not in path.read_bytes()
    assert _refusal(path, tmp_path / "other") == "backup-without-key"
    restore(tmp_path / "other", path, key=key)
    assert backed_up_homes.content(tmp_path / "other") == backed_up_homes.content(home)
    key.write_bytes(bytes(32))
    assert _refusal(path, tmp_path / "third", key=key) == "backup-altered"


def test_a_home_whose_own_key_opens_it_keeps_that_key(home: Path, tmp_path: Path) -> None:
    path = write(home, tmp_path / "backup.tar", has_key=False)
    restore(home, path, is_replacing=True)
    assert "app-1" in backed_up_homes.content(home)


def test_each_changed_byte_and_each_length_is_refused_before_anything_is_touched(home: Path, tmp_path: Path) -> None:
    whole = write(home, tmp_path / "backup.tar").read_bytes()
    path = tmp_path / "changed.tar"
    places = {*range(0, len(whole), 997), *range(0, 700, 7), *range(len(whole) - 1100, len(whole), 100)}
    codes = set()
    for at in sorted(places):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        codes.add(_refusal(path, tmp_path / "other"))
    for size in (0, 1, 511, 512, 5000, len(whole) - 1, len(whole) - 1024):
        path.write_bytes(whole[:size])
        codes.add(_refusal(path, tmp_path / "other"))
    path.write_bytes(whole + b"\0")
    assert _refusal(path, tmp_path / "other") == "backup-damaged"
    assert codes <= {"backup-damaged", "backup-altered", "backup-version", "backup-path-unfit"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "compleat.backup/2"}, "backup-version"),
        ({"revision": "9999"}, "backup-version"),
        ({"format": "compleat.bundle-file/1"}, "backup-damaged"),
        ({"key": "outside"}, "backup-damaged"),
        ({"path": "../evil"}, "backup-path-unfit"),
        ({"path": "environments/../../evil"}, "backup-path-unfit"),
        ({"path": "/etc/passwd"}, "backup-path-unfit"),
        ({"path": "leases/lab/.all.lock"}, "backup-path-unfit"),
        ({"path": "environments/a\nb"}, "backup-path-unfit"),
        ({"path": "state.db/x"}, "backup-path-unfit"),
        ({"path": "environments/lab.yml"}, "backup-path-unfit"),
        ({"path": "environments/lab.yml/below"}, "backup-path-unfit"),
        ({"path": "environments/" + "a" * 300}, "backup-path-unfit"),
        ({"path": "environments/x", "size": 1 << 40}, "backup-damaged"),
        ({"path": "environments/x", "size": -1}, "backup-damaged"),
    ],
)
def test_a_forged_backup_is_refused(home: Path, tmp_path: Path, changes: Mapping[str, Any], code: str) -> None:
    """Sealed with the right key: a holder of that could write anything but these."""
    contents = _members(write(home, tmp_path / "backup.tar"))
    inventory = json.loads(contents.pop("backup.json"))
    del contents["backup.seal"]
    listed = {"path": changes.get("path"), "size": changes.get("size", 1), "sha256": "0" * 64, "executable": False}
    if "path" in changes:
        inventory["files"].append(listed)
    else:
        inventory.update(changes)
    text = json.dumps(inventory).encode()
    seal = backup_inventory.seal_of((home / "vault.key").read_bytes(), text)
    path = tmp_path / "forged.tar"
    path.write_bytes(_packed({"backup.json": text, "backup.seal": seal, **contents}))
    assert _refusal(path, tmp_path / "other") == code


def test_a_state_that_is_none_is_refused(home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE alembic_version (version_num)")
        other.commit()
    contents = _members(write(home, tmp_path / "backup.tar"))
    inventory = json.loads(contents.pop("backup.json"))
    del contents["backup.seal"]
    contents["state.db"] = (tmp_path / "other.db").read_bytes()
    for file in inventory["files"]:
        if file["path"] == "state.db":
            file["size"] = len(contents["state.db"])
            file["sha256"] = tar_digest(contents["state.db"])
    text = json.dumps(inventory).encode()
    seal = backup_inventory.seal_of((home / "vault.key").read_bytes(), text)
    path = tmp_path / "forged.tar"
    path.write_bytes(_packed({"backup.json": text, "backup.seal": seal, **contents}))
    assert _refusal(path, tmp_path / "other") == "backup-damaged"


def test_a_backup_replaces_no_file_of_another_kind(home: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.yml").write_text("name: web\n")
    with pytest.raises(InputError) as caught:
        write(home, tmp_path / "manifest.yml")
    assert caught.value.code == "backup-over-another-file"
    assert (tmp_path / "manifest.yml").read_text() == "name: web\n"
    write(home, write(home, tmp_path / "backup.tar"))


def test_a_tarball_that_is_gone_and_an_empty_home_are_named(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(home / "blobs" / "sha256")
    for place, code in ((home, "backup-blob-missing"), (tmp_path / "empty", "backup-of-nothing")):
        with pytest.raises((InputError, StateError)) as caught:
            write(place, tmp_path / "backup.tar")
        assert caught.value.code == code
    assert not (tmp_path / "backup.tar").exists()


def _refusal(path: Path, other: Path, *, key: Path | None = None) -> str:
    """The code of the refusal, with nothing left in the home."""
    with pytest.raises(InputError) as caught:
        restore(other, path, key=key)
    assert sorted(str(each.relative_to(other)) for each in other.rglob("*")) in ([], ["leases", "leases/.restore.lock"])
    return caught.value.code


def tar_digest(content: bytes) -> str:
    return tar_members.copy_content(io.BytesIO(content), len(content), None)


def _members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        opened = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: stream.read() for name, stream in opened.items() if stream}


def _packed(contents: Mapping[str, bytes]) -> bytes:
    """An archive of these members, well formed."""
    parts = [
        tar_members.header(name, len(data), mode=_mode(name)) + data + tar_members.padding(len(data))
        for name, data in contents.items()
    ]
    return b"".join(parts) + bytes(1024)


def _mode(name: str) -> int:
    return 0o644 if name.startswith("backup.") else 0o755 if name.startswith("bundles/") else 0o600
