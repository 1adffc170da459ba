"""What the tests call that pip does not install: packages of the system and of npm.

Takes this machine; installs what is missing where it may (root and apt-get; npm), else says what to ask for and which
tests stand aside without it. `make test` runs it before anything else, so it uses the standard library alone.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """Programs of a package of apt or npm, a library, or a file of npm's package. `needs` takes `name`.

    `tests` says what is skipped.
    """

    name: str
    programs: tuple[str, ...] = ()
    library: str = ""
    file: str = ""
    package: str
    tests: str
    of_npm: bool = False

    def path(self) -> str:
        """Where the first program is; "" when not here. COMPLEAT_NAME names another, as for npm's."""
        own = os.environ.get(f"COMPLEAT_{self.name.upper()}", "")
        if self.file:
            place = _npm_folder(self) / "node_modules" / self.file
            return own or (str(place) if place.exists() else "")
        local = str(_npm_folder(self) / "node_modules" / ".bin" / self.programs[0]) if self.of_npm else ""
        return own or shutil.which(self.programs[0]) or shutil.which(local) or ""

    @property
    def what(self) -> str:
        """What is looked for, in a word."""
        return self.library or self.file or self.programs[0]

    def is_here(self) -> bool:
        if self.library:
            return _loads(self.library)
        if self.name == "venv":
            return find_spec("ensurepip") is not None and find_spec("venv") is not None
        return bool(self.path()) and (self.of_npm or all(shutil.which(program) for program in self.programs))

    def reason(self) -> str:
        """Why a test that needs it stands aside."""
        installer = "npm" if self.of_npm else "apt-get"
        return f"{self.what} is not installed ({installer} install {self.package})"


ALL = (
    Prerequisite(name="venv", programs=("python3",), package="python3-venv", tests="all: nothing can be installed"),
    Prerequisite(name="ruby", programs=("ruby",), package="ruby", tests="of ERB templates"),
    Prerequisite(name="browser", programs=("chromium",), package="chromium", tests="of the console in a browser"),
    Prerequisite(name="certutil", programs=("certutil",), package="libnss3-tools", tests="of the console in a browser"),
    Prerequisite(
        name="libatomic", library="libatomic.so.1", package="libatomic1", tests="of the console in a browser"
    ),  # what Playwright's own node is linked with, and a small Debian lacks
    Prerequisite(name="ssh", programs=("ssh", "ssh-keygen"), package="openssh-client", tests="that type the report"),
    Prerequisite(name="apt", programs=("apt-get",), package="apt", tests="that fetch sources of Debian's packages"),
    Prerequisite(
        name="gcc", programs=("gcc", "make", "patch"), package="build-essential", tests="that compile releases"
    ),
    Prerequisite(name="uidmap", programs=("newuidmap",), package="uidmap", tests="of the local cloud's mode U1"),
    Prerequisite(name="passwd", programs=("useradd",), package="passwd", tests="as another user"),
    Prerequisite(name="monit", programs=("monit",), package="monit", tests="beside monit itself"),
    Prerequisite(name="fdisk", programs=("sfdisk",), package="fdisk", tests="of the guest's disks"),
    Prerequisite(name="e2fsprogs", programs=("mkfs.ext4",), package="e2fsprogs", tests="of the guest's disks"),
    Prerequisite(name="iproute", programs=("ip",), package="iproute2", tests="that count what leaves the machine"),
    Prerequisite(name="nftables", programs=("nft",), package="nftables", tests="of emulated clouds' machines"),
    Prerequisite(name="npm", programs=("npm",), package="npm", tests="with Azurite and oav"),
    Prerequisite(
        name="azurite",
        programs=("azurite-blob",),
        package="azurite@3.35.0",
        tests="of Azure's object storage",
        of_npm=True,
    ),
    Prerequisite(
        name="axe",
        file="axe-core/axe.min.js",
        package="axe-core@4.14.1",
        tests="of the page's accessibility",
        of_npm=True,
    ),
    Prerequisite(
        name="oav", programs=("oav",), package="oav@4.0.3", tests="of Azure's traffic against its schemas", of_npm=True
    ),
)

BY_NAME = {each.name: each for each in ALL}


def missing() -> tuple[Prerequisite, ...]:
    return tuple(each for each in ALL if not each.is_here())


def main(words: Sequence[str]) -> int:
    """Install what can be, tell the rest. 1 where nothing can be tested, or where CI would miss something."""
    system = [each for each in missing() if not each.of_npm]
    if system and os.geteuid() == 0 and shutil.which("apt-get"):
        _install_system(system)
    if shutil.which("npm"):
        for each in missing():
            if each.of_npm:
                _install_npm(each)
    rest = missing()
    for line in describe(rest):
        print(line, flush=True)
    is_complete = "--complete" in words
    return 1 if (is_complete and rest) or any(each.name == "venv" for each in rest) else 0


def describe(rest: Iterable[Prerequisite]) -> list[str]:
    """The command to ask for, then who stands aside; nothing when all is here."""
    rest = tuple(rest)
    system = sorted({each.package for each in rest if not each.of_npm})
    lines = []
    if system:
        lines.append(f"Not installed: run `sudo apt-get install {' '.join(system)}` to run every test.")
    unfetched = [each.package for each in rest if each.of_npm]
    if unfetched:
        lines.append(f"Not installed by npm: {', '.join(unfetched)}.")
    return lines + [f"  Tests {each.tests} are skipped: no {each.what}." for each in rest if each.name != "npm"]


def _loads(library: str) -> bool:
    """As the linker of a program finds it: no cache of ldconfig's and no compiler is asked."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _install_system(wanted: Sequence[Prerequisite]) -> None:
    packages = sorted({each.package for each in wanted})
    print(f"Installing with apt-get: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-q"], install):
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            print(done.stdout[-2000:], file=sys.stderr, flush=True)


def _install_npm(wanted: Prerequisite) -> None:
    print(f"Installing with npm: {wanted.package}", flush=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(_npm_folder(wanted))]
    whole = [*command, wanted.package]
    done = subprocess.run(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout[-2000:], file=sys.stderr, flush=True)


def _npm_folder(wanted: Prerequisite) -> Path:
    return ROOT / ".venv" / wanted.name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
