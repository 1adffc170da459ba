"""Source archives of public software, fetched by name through the machine's package clients.

Takes names of Debian's source packages, gives the archives that the authors published (`NAME_VERSION.orig.tar.*`). The
lists of apt that a fetch needs are kept beside the archives; those of the machine are neither read nor changed.
"""

import fcntl
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

_LISTED = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")


def fetch_archives(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """The archive of each source package; one that is in `folder` already is not fetched again.

    Raises: subprocess.CalledProcessError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [name for name in names if _archive(folder, name) is None]
        if missing:
            _apt(folder, "update")
            _apt(folder, "source", "--download-only", "--tar-only", *missing)
    return {name: path for name in names if (path := _archive(folder, name)) is not None}


def _archive(folder: Path, name: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"{name}_*.orig.tar.*"))), None)


def _apt(folder: Path, *words: str) -> None:
    (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list.d"
    sources.mkdir(exist_ok=True)
    for number, (suffix, text) in enumerate(_source_lists()):
        (sources / f"{number}{suffix}").write_text(text)
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(sources),
        "Dir::State::Lists": str(folder / "lists"),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    command = ["apt-get", "-q", *options, *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)


def _source_lists() -> Iterator[tuple[str, str]]:
    """The distribution's own lists of binary packages, as lists of its source packages.

    Without security updates: a mirror may list a newer archive of those than it has.
    """
    for name in _LISTED:
        path = Path("/etc/apt", name)
        if path.is_file():
            separator = "\n" if path.suffix == ".list" else "\n\n"
            entries = [entry for entry in path.read_text().split(separator) if "security" not in entry]
            text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", separator.join(entries))
            yield path.suffix, re.sub(r"(?m)^deb ", "deb-src ", text) + "\n"
