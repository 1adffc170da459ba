"""A small good release, and what a seed makes of it: one document or archive damaged.

Takes a seed, gives a directory or a tarball on disk, and what was done to it.
"""

import copy
import gzip
import hashlib
import io
import random
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SHA = hashlib.sha256(b"x").hexdigest()
FILES = {
    "config/final.yml": "name: shop\nblobstore: {provider: local, options: {blobstore_path: store}}\n",
    "config/blobs.yml": f"app/any:\n  object_id: '77'\n  size: 1\n  sha: 'sha256:{SHA}'\n",
    "store/77": "x",
    "jobs/web/spec": (
        "name: web\ntemplates: {run.j2: bin/run, ctl.j2: bin/ctl, app.yml.j2: config/app.yml}\npackages: [app]\n"
        "consumes: [{name: db, type: sql, optional: true}]\nprovides: [{name: web, type: http, properties: [port]}]\n"
        "properties: {port: {default: 80, description: Where}, tls.server: {default: {ca: x}}, words: {default: [a]}}\n"
    ),
    "jobs/web/monit": (
        "check process web\n  with pidfile /var/vcap/sys/run/web/web.pid\n"
        '  start program "/var/vcap/jobs/web/bin/ctl start" with timeout 60 seconds\n'
        '  stop program "/var/vcap/jobs/web/bin/ctl stop"\n  group vcap\n  if totalmem > 500 Mb then alert\n'
        "check file log with path /var/x\n  group vcap\n  depends on web\n"
    ),
    "jobs/web/templates/run.j2": "#!/bin/sh\necho {{ p('port') }} {{ spec.az }}\n",
    "jobs/web/templates/ctl.j2": "#!/bin/sh\n{% for w in p('words') %}{{ w | shell }}{% endfor %}\n",
    "jobs/web/templates/app.yml.j2": "{% call(ca) if_p('tls.server.ca') %}ca: {{ ca | json }}{% endcall %}\n",
    "packages/app/spec": "name: app\nfiles: ['app/*']\nexcluded_files: ['app/*.md']\ndependencies: [lib]\n",
    "packages/app/packaging": "true\n",
    "packages/lib/spec": "name: lib\nfiles: ['lib/**/*.{c,h}']\n",
    "packages/lib/packaging": "true\n",
    "src/app/main": "main\n",
    "src/lib/one/a.c": "c\n",
}
TREES = ("config/final.yml", "config/blobs.yml", "jobs/web/spec", "packages/app/spec", "packages/lib/spec")
TEXTS = (*TREES, *(path for path in FILES if path.startswith("jobs/web/")))
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, float("nan"), "", " ", ".", "..", "-", "a/b", "../../etc/passwd", "/etc/passwd",
    "\u00fc", "\u202e", "a\nb", "\x1b[31m", "x" * 300,
    "x/" * 3000, [], {}, [1], [[]], [None], {"": ""},
    {"a": {"b": 1}}, "((", "((a))", "{{ 1 }}", "<% 1 %>", "a[", "{a,b" * 20, "**/" * 50 + "*a*b*c",
    "sha256:zz", "pypi:x",
    "https://x", "http://x", "s3", "latest", ["web", "web"], {"name": "web"}, [{"name": "x"}], "bin/run", "web",
)  # fmt: skip
PIECES = (
    "\0", "\t", "\r", "\ufeff", "{{", "}}", "{%", "%}", "{#", "'", '"', "#", "\\", "check process x", "depends on web",
    "\x1b[2J",
    "check host h with address 1", "if ", "with ", "then ", "*x", "&x ", "!!binary ", "- ", ": ", "<<: ", "---\n",
    "((",
    "{{ p('no') }}", "{{ 1 / 0 }}", "{{ p('tls.server.key') }}", "start program \"/var/vcap/jobs/bpm/bin/bpm\"",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """`place` is a release directory or a tarball; `version` is what a manifest would say of it."""

    place: Path
    version: str
    done: str


def damaged_release(seed: int, folder: Path) -> Damaged:
    """The release as the seed has it, in a folder that is empty."""
    chance = random.Random(seed)
    files = {path: text.encode() for path, text in FILES.items()}
    kind = chance.randrange(4)
    if kind == 0:
        return _damaged_tarball(files, folder, chance)
    path = chance.choice(TREES if kind == 1 else TEXTS)
    damage: Callable[[bytes, random.Random], bytes] = _changed_tree if kind == 1 else _changed_text
    files[path] = damage(files[path], chance)
    for name, content in files.items():
        place = folder / "release" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return Damaged(place=folder / "release", version="create", done=f"{path}: {files[path]!r}")


def _changed_tree(content: bytes, chance: random.Random) -> bytes:
    tree = yaml.safe_load(content)
    for _ in range(chance.choice((1, 1, 2))):
        holder, key = chance.choice(list(_places(tree)))
        match chance.randrange(4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(("", "x", f"{key}s", 5, None, "a.b"))] = holder.pop(key)
            case 2:
                holder[key] = chance.choice(([holder[key]], {"a": holder[key]}, str(holder[key])))
            case _:
                holder[key] = copy.deepcopy(chance.choice(ODD))
        if not tree:
            break
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def _changed_text(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    match chance.randrange(5):
        case 0:
            return content[:at] + content[at + chance.randint(1, 30) :]
        case 1:
            return content[:at] + chance.choice(PIECES).encode() + content[at:]
        case 2:
            return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        case 3:
            lines = content.split(b"\n")
            chance.shuffle(lines)
            return b"\n".join(lines)
        case _:
            return content[:at]


def _damaged_tarball(files: dict[str, bytes], folder: Path, chance: random.Random) -> Damaged:
    job = {"job.MF": files["jobs/web/spec"], "monit": files["jobs/web/monit"]}
    job |= {path.removeprefix("jobs/web/"): text for path, text in files.items() if "/templates/" in path}
    packages = {name: _tgz([(_info("packaging"), b"true\n")], chance) for name in ("app", "lib")}
    where = chance.randrange(3)
    bad = _odd_members(chance) if where == 0 else []
    packed = _tgz([*((_info(name), text) for name, text in job.items()), *bad], chance)
    if where == 1:
        packages["app"] = _tgz([(_info("packaging"), b"true\n"), *_odd_members(chance)], chance)
    members = [
        ("release.MF", _manifest(packed, packages, chance)),
        ("jobs/web.tgz", packed),
        *((f"packages/{name}.tgz", content) for name, content in packages.items()),
    ]
    outer = [(_info(name), content) for name, content in members]
    if where == 2:
        outer[chance.randrange(4) :: 4] = _odd_members(chance)[:1]
    content = _tgz(outer, chance)
    if chance.randrange(3) == 0:
        content = _changed_text(content, chance)
    place = folder / "release.tgz"
    place.write_bytes(content)
    return Damaged(place=place, version="latest", done=f"tarball {where}")


def _manifest(job: bytes, packages: dict[str, bytes], chance: random.Random) -> bytes:
    tree = {
        "name": "shop",
        "version": "1",
        "jobs": [{"name": "web", "version": "f1", "fingerprint": "f1", "sha1": f"sha256:{_digest(job)}"}],
        "packages": [
            {"name": name, "version": "f", "fingerprint": f"f{name}", "sha1": f"sha256:{_digest(content)}"}
            for name, content in packages.items()
        ],
    }
    text = yaml.safe_dump(tree).encode()
    return _changed_tree(text, chance) if chance.randrange(3) == 0 else text


def _odd_members(chance: random.Random) -> list[tuple[tarfile.TarInfo, bytes]]:
    names = (
        "../up",
        "/etc/x",
        "d/" * 3000 + "f",
        "n" * 300,
        "monit",
        "packaging",
        "",
        ".",
        "a\nb",
        "\x1b[2J",
        "jobs/x/web.tgz",
    )
    kinds = (
        tarfile.REGTYPE,
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
        b"?",
    )
    info = _info(chance.choice(names))
    info.type = chance.choice(kinds)
    info.linkname = chance.choice(("", "/etc/passwd", "../..", "packaging"))
    odd = [(info, b"x" if info.type == tarfile.REGTYPE else b"")]
    if chance.randrange(10) == 0:
        odd.append((_info("zeros"), bytes(18 << 20)))
    if chance.randrange(3) == 0:
        below = _info(f"{info.name}/below")
        odd.append((below, b"y"))
    return odd


def _info(name: str) -> tarfile.TarInfo:
    return tarfile.TarInfo(name)


def _tgz(members: list[tuple[tarfile.TarInfo, bytes]], chance: random.Random) -> bytes:
    out = io.BytesIO()
    kind = chance.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        for info, content in members:
            if info.isreg():
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    packed = gzip.compress(out.getvalue(), 1, mtime=0)
    return packed[: -chance.randint(1, 40)] if chance.randrange(12) == 0 else packed


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
