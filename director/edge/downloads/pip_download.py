"""Files of the Python package index, fetched by pip, which knows mirrors, proxies and credentials of the machine.

Takes pins whose object ids say "pypi:<project>/<version>/<file name>", gives the files in a folder.
"""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.releases.release_files import BlobPin

_OBJECT_ID = re.compile(
    r"pypi:(?P<project>[A-Za-z0-9][A-Za-z0-9._-]*)/(?P<version>[0-9][A-Za-z0-9.!+_-]*)/(?P<file>[A-Za-z0-9][A-Za-z0-9.!+_-]*)\Z"
)
_HASHES_OF_PIP = ("sha256", "sha512")
_GOT = re.compile(r"^[ \t]*+Got[ \t]++([0-9a-f]{64,128})[ \t\r]*+$", re.MULTILINE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_LAST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PipSettings:
    """How to call pip: `python` is the interpreter whose pip it is, `environment` all that it gets to see."""

    python: str
    environment: Mapping[str, str]
    timeout_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipFile:
    """One file of a project's version."""

    project: str
    version: str
    file: str
    pin: BlobPin

    def flags(self) -> tuple[str, ...]:
        """What tells pip to take this very file although it may be meant for another machine."""
        if not self.file.endswith(".whl"):
            return ("--no-binary=:all:",)
        python, abi, platforms = self.file.removesuffix(".whl").split("-")[-3:]
        flags = ["--only-binary=:all:"]
        if python.startswith("cp"):
            flags += ["--implementation=cp", f"--python-version={python[2]}.{python[3:] or '0'}", f"--abi={abi}"]
        if platforms != "any":
            flags += [f"--platform={platform}" for platform in platforms.split(".")]
        return tuple(flags)


def read_pip_file(pin: BlobPin) -> PipFile:
    """Read an object id. Raises InputError: blob-object-id-broken, blob-needs-sha256."""
    match = _OBJECT_ID.match(pin.object_id)
    if not match or (match["file"].endswith(".whl") and match["file"].count("-") < 4):
        raise InputError(
            "blob-object-id-broken",
            f"'{pin.object_id}' does not name a file of the Python package index.",
            why="Expected pypi:<project>/<version>/<file name>.",
            fix="Correct object_id.",
            where=pin.where,
        )
    if not match["file"].endswith(".whl") and pin.digest.algorithm not in _HASHES_OF_PIP:
        raise InputError(
            "blob-needs-sha256",
            f"Blob '{pin.path}' is a source distribution, and only its {pin.digest.algorithm} is known.",
            why="pip runs code of one when it downloads it, and checks only SHA-256 and SHA-512 before that.",
            fix="Add its sha256 to config/blobs.yml, or pin a wheel; wheels are never run.",
            where=pin.where,
        )
    return PipFile(project=match["project"], version=match["version"], file=match["file"], pin=pin)


def group_files(files: Iterable[PipFile]) -> list[list[PipFile]]:
    """Group what one call of pip can fetch: the same flags, and no project twice."""
    groups: dict[tuple[tuple[str, ...], int], list[PipFile]] = {}
    for file in files:
        turn = 0
        while any(other.project == file.project for other in groups.get((file.flags(), turn), [])):
            turn += 1
        groups.setdefault((file.flags(), turn), []).append(file)
    return list(groups.values())


def pip_download(files: list[PipFile], folder: Path, settings: PipSettings) -> None:
    """Fetch the files of one group into the folder, which is empty; pip checks their digests before it opens them.

    Raises InputError: blob-unavailable, blob-digest-mismatch, pip-absent.
    """
    wanted = folder / "wanted.txt"
    wanted.write_text("".join(_requirement(file) for file in files))
    fixed = ("--no-deps", "--no-input", "--disable-pip-version-check", "--progress-bar=off")
    command = [settings.python, "-m", "pip", "download", *fixed, *files[0].flags()]
    command += [f"--dest={folder}", f"--requirement={wanted}"]
    status, output = _run(command, folder, settings)
    if "No module named pip" in output:
        raise _pip_absent(settings, files)
    if status != 0:
        raise _digest_mismatch(files, output) if _GOT.search(output) else _unavailable(files, output)
    for file in files:
        if not (folder / file.file).is_file():
            came = ", ".join(sorted(path.name for path in folder.iterdir() if path != wanted))
            raise _unavailable([file], f"pip chose other files: {came or 'none'}")


def _requirement(file: PipFile) -> str:
    digest = file.pin.digest
    pinned = f" --hash={digest}" if digest.algorithm in _HASHES_OF_PIP else ""
    return f"{file.project}=={file.version}{pinned}\n"


def _run(command: list[str], folder: Path, settings: PipSettings) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(settings.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=settings.timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, f"pip did not end within {settings.timeout_s:.0f} seconds"
    except OSError as error:
        return 1, f"{settings.python} could not be started: {error.strerror}"
    return done.returncode, _CREDENTIALS.sub("", done.stdout.decode(errors="replace"))


def _names(files: list[PipFile]) -> str:
    return ", ".join(file.file for file in files)


def _unavailable(files: list[PipFile], output: str) -> InputError:
    last = " | ".join([line.strip() for line in output.splitlines() if line.strip()][-_LAST_LINES:])
    return InputError(
        "blob-unavailable",
        f"pip could not fetch {_names(files)}.",
        why=f"pip reported: {last}.",
        fix="Check that this machine reaches its package index (pip's settings apply), then run the command again.",
        where=files[0].pin.where,
    )


def _digest_mismatch(files: list[PipFile], output: str) -> InputError:
    got = _GOT.findall(output)
    guilty = next((file for file in files if file.pin.digest.value in output), files[0])
    return mismatch(guilty.pin, f"{guilty.pin.digest.algorithm}:{got[0]}")


def mismatch(pin: BlobPin, got: str) -> InputError:
    """What to say of a blob that is not what was pinned."""
    return InputError(
        "blob-digest-mismatch",
        f"Blob '{pin.path}' does not match config/blobs.yml.",
        why=f"Expected {pin.digest}, got {got}. The download was discarded.",
        fix="Find out which of the two is right before you pin another digest.",
        where=pin.where,
    )


def _pip_absent(settings: PipSettings, files: list[PipFile]) -> InputError:
    return InputError(
        "pip-absent",
        f"{settings.python} has no pip, which fetches {_names(files)}.",
        why="pip fetches blobs whose object_id begins with 'pypi:'.",
        fix=f"Install it: {settings.python} -m ensurepip (or the system package python3-pip).",
        where=files[0].pin.where,
    )
