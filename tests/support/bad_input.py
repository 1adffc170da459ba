"""Cases of bad input: a folder each, laid over a good one; run as a command beside an environment that is up.

Takes a folder below tests/cases/bad-input and a Compleat, gives how the command ended, with places told by name.
"""

import hashlib
import io
import json
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.command import ROOT, Compleat, Ran

CASES = ROOT / "tests" / "cases" / "bad-input"
_VARYING = (
    (r"(?m)^\.\.\..*\n", ""),  # signs of life
    (r"(?ms)^Environment '[^']*' on local: .*?\.\n", ""),  # the first line, with this machine's name
    (r"203\.0\.113\.\d+", "{PUBLIC}"),
    (r"got sha256:[0-9a-f]{64}", "got sha256:{DIGEST}"),
    (r"The newest is \d+", "The newest is {NUMBER}"),
    (r"COMPLEAT_HOME=\{HOME\} \S*compleat", "compleat"),  # the program as it is typed there
)
"""What differs from run to run, and what it is called in expected.txt."""
_MANIFEST = """\
name: bad
version: '1'
commit_hash: none
jobs: []
packages: []
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadInput:
    """`archive` says how release.tgz is made of nothing: good, truncated, escaping; "" for none."""

    name: str
    words: tuple[str, ...]
    code: int
    archive: str

    @property
    def expected(self) -> str:
        """What standard error must be."""
        return (CASES / self.name / "expected.txt").read_text()

    def lay_out(self, folder: Path) -> None:
        """The good folder with the case's own files over it."""
        shutil.copytree(CASES / "base", folder, dirs_exist_ok=True)
        shutil.copytree(
            CASES / self.name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("args.json", "expected.txt")
        )
        if self.archive:
            (folder / "release.tgz").write_bytes(_archive(self.archive))

    def run(self, compleat: Compleat, folder: Path) -> Ran:
        """Run the words there."""
        self.lay_out(folder)
        with _environment_file(compleat, folder):
            return compleat.run(*self.words, cwd=folder)


def read_cases() -> tuple[BadInput, ...]:
    """All of them, by name."""
    return tuple(_read(path.parent.name) for path in sorted(CASES.glob("*/args.json")))


def reported(text: str, compleat: Compleat, folder: Path) -> str:
    """The text with places that differ from run to run told by name."""
    for place, name in ((folder, "{CWD}"), (compleat.home, "{HOME}"), (ROOT, "{ROOT}")):
        text = text.replace(str(place), name)
    for found, name in _VARYING:
        text = re.sub(found, name, text)
    return text.replace(compleat.environment, "{ENV}")


def digest_of_state(home: Path) -> str:
    """Every row of every table but leases, which are taken and released, and tasks with their events: a refused command
    is a task, too.
    """
    digest = hashlib.sha256()
    with sqlite3.connect(f"file:{home}/state.db?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(set(tables) - {"leases", "tasks", "events", "sqlite_sequence"}):
            for row in sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"'))):
                digest.update(f"{table} {row}\n".encode())
    return digest.hexdigest()


def states_of_tasks(home: Path) -> tuple[str, ...]:
    """How each task of the home ended, or that it did not, the oldest first."""
    with sqlite3.connect(f"file:{home}/state.db?mode=ro", uri=True) as connection:
        return tuple(row[0] for row in connection.execute("SELECT state FROM tasks ORDER BY number"))


def cloud_of(compleat: Compleat) -> tuple[str, ...]:
    """What the local cloud keeps of each VM, disk and network: their folders and cards, by path."""
    folder = compleat.home / "environments" / compleat.environment / "clouds" / "only"
    return tuple(sorted(str(path.relative_to(folder)) for kind in folder.iterdir() for path in _children(kind)))


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()


def _read(name: str) -> BadInput:
    written = json.loads((CASES / name / "args.json").read_text())
    return BadInput(name=name, words=tuple(written["words"]), code=written["code"], archive=written.get("archive", ""))


@contextmanager
def _environment_file(compleat: Compleat, folder: Path) -> Iterator[None]:
    """The case's environment file in the place of the environment's own."""
    written = folder / "environment.yml"
    place = compleat.home / "environments" / f"{compleat.environment}.yml"
    own = place.read_text()
    if written.exists():
        text = written.read_text().replace("{ENV}", compleat.environment).replace("{CWD}", str(folder))
        place.write_text(text)
    try:
        yield
    finally:
        place.write_text(own)


def _archive(kind: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        _add(archive, "release.MF", _MANIFEST.encode())
        if kind == "escaping":
            _add(archive, "../outside.txt", b"outside")
        _add(archive, "LICENSE", bytes(range(256)) * 64)
    data = packed.getvalue()
    return data[: len(data) // 2] if kind == "truncated" else data


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
