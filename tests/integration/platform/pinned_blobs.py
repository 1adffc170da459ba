"""The blobs of a release, fetched once into the virtual environment's folder.

Takes a release directory, gives a folder with its blobs for this machine's architecture, each checked by its digest.
"""

import hashlib
import platform
import subprocess
import sys
from pathlib import Path

import yaml

_KEPT = Path(sys.prefix) / "test-blobs"


def fetch_blobs(release: Path) -> Path:
    """Fetch what is missing; twice costs nothing."""
    listed = yaml.safe_load((release / "config" / "blobs.yml").read_text())
    fitting = {
        path: blob for path, blob in listed.items() if blob.get("architecture", platform.machine()) == _machine()
    }
    missing = {path: blob for path, blob in fitting.items() if not _is_whole(_KEPT / path, blob)}
    for options, wanted in _by_options(missing).items():
        _download(options, wanted)
    broken = [path for path, blob in fitting.items() if not _is_whole(_KEPT / path, blob)]
    assert broken == [], f"not the pinned files: {broken}"
    return _KEPT


def _machine() -> str:
    return platform.machine()


def _by_options(missing: dict[str, dict[str, object]]) -> dict[tuple[str, ...], dict[str, str]]:
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for path, blob in missing.items():
        provider, _, rest = str(blob["object_id"]).partition(":")
        assert provider == "pypi", path
        project, version, name = rest.split("/")
        assert Path(path).name == name
        groups.setdefault(_pip_options(name), {})[path] = f"{project}=={version}"
    return groups


def _pip_options(name: str) -> tuple[str, ...]:
    """Say how pip is made to choose exactly this file."""
    if not name.endswith(".whl"):
        return ("--no-binary", ":all:")
    python, abi, platforms = name.removesuffix(".whl").split("-")[-3:]
    if platforms == "any":
        return ("--only-binary", ":all:")
    chosen = ["--only-binary", ":all:"]
    if python.startswith("cp"):  # a program alone is for every Python
        chosen += ["--implementation", "cp", "--python-version", python.removeprefix("cp"), "--abi", abi]
    for one in platforms.split("."):
        chosen += ["--platform", one]
    return tuple(chosen)


def _download(options: tuple[str, ...], wanted: dict[str, str]) -> None:
    folders = {str(Path(path).parent) for path in wanted}
    assert len(folders) == 1, "one folder for each way to choose"
    target = _KEPT / folders.pop()
    target.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(target), *options]
    subprocess.run([*command, *wanted.values()], check=True)


def _is_whole(path: Path, blob: dict[str, object]) -> bool:
    if not path.is_file() or path.stat().st_size != blob["size"]:
        return False
    return blob["sha"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
