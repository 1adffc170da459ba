"""How much memory and processor time the upload of a release tarball of 500 MB takes.

Takes a folder, gives figures: one process, from a file to a release of the home.
"""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import Compleat
from tests.support.release_on_disk import tgz

_SIZE = 500_000_000
_PIECE = 1_000_000
_MOST_MB = 100.0
_MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
sys.exit(status != 0)
"""
"""A small process between: the peak of a new program includes what its parent had when it was started."""


def figures(home: Path) -> Iterator[Figure]:
    """The content is random, so that the tarball is as large as what is in it."""
    tarball = _write_tarball(home)
    compleat = Compleat(home=home / "home", environment="local")
    argv = [sys.executable, "-c", _MEASURE, *compleat.argv("upload-release", str(tarball))]
    done = subprocess.run(argv, env=compleat.env(), stdout=subprocess.PIPE, text=True, check=True)
    peak_kib, used_s = done.stdout.split()
    yield Figure(
        name=f"upload of a release tarball of {_SIZE // 1_000_000} MB: memory",
        value=int(peak_kib) * 1024 / 1e6,
        unit="MB",
        target=_MOST_MB,
        note=f"processor {float(used_s):.1f} s",
    )


def _write_tarball(home: Path) -> Path:
    content, package, tarball = home / "content", home / "package.tgz", home / "shop-1.2.tgz"
    with content.open("wb") as stream:
        for _ in range(_SIZE // _PIECE):
            stream.write(os.urandom(_PIECE))
    _pack(package, {"./packaging": b"true\n", "./app/content": content})
    job = tgz({"./job.MF": b"name: web\npackages: [app]\n", "./monit": b""})
    with package.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    manifest = f"""\
name: shop
version: "1.2"
jobs: [{{name: web, version: f1, fingerprint: f1, sha1: 'sha256:{hashlib.sha256(job).hexdigest()}', packages: [app]}}]
packages: [{{name: app, version: f2, fingerprint: f2, sha1: 'sha256:{digest}', dependencies: []}}]
"""
    _pack(tarball, {"./release.MF": manifest.encode(), "./jobs/web.tgz": job, "./packages/app.tgz": package})
    content.unlink()
    package.unlink()
    return tarball


def _pack(path: Path, members: Mapping[str, bytes | Path]) -> None:
    with gzip.open(path, "wb", compresslevel=1) as out, tarfile.open(fileobj=out, mode="w|") as tar:
        for name, content in members.items():
            if isinstance(content, Path):
                tar.add(content, name)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
