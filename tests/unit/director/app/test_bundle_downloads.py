"""Where a bundle's releases come from: listed before anything is fetched."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from director import errors
from director.app.use_cases import bundle_plan, up
from director.errors import InputError
from director.report import download_text
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

_DIGEST = f"sha256:{'d' * 64}"
_MANIFEST = {
    "name": "shop",
    "stemcells": [{"alias": "default", "os": "own", "version": "3.latest"}],
    "releases": [
        {"name": "redis", "version": "4.0"},
        {"name": "nginx", "version": "1.2", "url": "https://releases.example/nginx.tgz", "sha1": _DIGEST},
        {"name": "mirrored", "version": "7", "url": "https://releases.example/mirrored.tgz", "sha1": "5a" * 20},
        {"name": "lost", "version": "1"},
    ],
}


def test_what_a_bundle_would_download(tmp_path: Path) -> None:
    index = {
        "name": "shop",
        "deployments": [{"manifest": "shop.yml", "ops": ["ops.yml"], "vars": {"version": "1.3"}}],
        "releases": [
            {"name": "nginx", "version": "1.3", "url": "https://u:p@mirror.example/n.tgz?v=1", "size": 3 << 20},
            {"name": "redis", "version": "4.0", "url": "redis.tgz", "sha1": _DIGEST},
        ],
        "stemcells": [{"name": "own", "version": "3.1", "url": "https://images.example/own.tgz", "size": 5 << 20}],
    }
    ops = [{"type": "replace", "path": "/releases/name=nginx/version", "value": "((version))"}]
    for name, tree in (("index.yml", index), ("shop.yml", _MANIFEST), ("ops.yml", ops)):
        (tmp_path / name).write_text(yaml.safe_dump(tree))
    (tmp_path / "redis.tgz").write_bytes(b"12345")
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror/mirrored-7.tgz").write_bytes(b"1234567")
    made = session_of(Simulation(), tmp_path)
    file = made.file.model_copy(
        update={"release_sources": ("https://x.example/{name}/{version}", f"{tmp_path}/mirror")}
    )
    request = up.UpRequest(bundle=f"{tmp_path}/", caller=calling("bundle downloads"), values={})
    table = bundle_plan.list_downloads(replace(made, file=file), request)
    seen = [(row["release"], row["state"], row["from"], row["size"]) for row in table.rows]
    assert seen == [
        ("redis", "on disk", f"{tmp_path}/redis.tgz", 5),
        ("nginx", "to download", "https://mirror.example/n.tgz?v=1", 3 << 20),
        ("mirrored", "on disk", f"{tmp_path}/mirror/mirrored-7.tgz", 7),
        ("lost", "to download", "https://x.example/lost/1", None),
        ("own", "to download", "https://images.example/own.tgz", 5 << 20),
    ]
    assert table.rows[0]["digest"] == _DIGEST
    assert download_text.download_lines(table.rows)[-1] == "To download: 2 files of 8.0 MiB and 1 file of unknown size."


def test_where_documents_of_a_source_are(tmp_path: Path) -> None:
    """A mirror directory comes before the source's own place, and cannot have another file."""
    texts = {"shop.yml": yaml.safe_dump(_MANIFEST), "memory.yml": "[]", "other.yml": "[]"}
    files = {name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in texts.items()}
    of_cloud = {"memory": ["shop/memory.yml"], "local": ["shop/other.yml"]}
    index = {
        "name": "shop",
        "sources": [{"name": "shop", "version": "1.0", "url": "published/", "files": files}],
        "deployments": [{"manifest": "shop/shop.yml", "cloud_ops": of_cloud}],
    }
    for path in ("published/shop.yml", "published/memory.yml", "mirror/shop-1.0/shop.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(texts[path.rpartition("/")[2]])
    (tmp_path / "index.yml").write_text(yaml.safe_dump(index))
    made = session_of(Simulation(), tmp_path)
    session = replace(made, file=made.file.model_copy(update={"release_sources": (f"{tmp_path}/mirror",)}))
    request = up.UpRequest(bundle=f"{tmp_path}/", caller=calling("bundle downloads"), values={})
    rows = bundle_plan.list_downloads(session, request).rows[:2]
    assert [(row["file"], row["state"], row["from"]) for row in rows] == [
        ("shop.yml", "on disk", f"{tmp_path}/mirror/shop-1.0/shop.yml"),
        ("memory.yml", "on disk", f"{tmp_path}/published/memory.yml"),
    ]
    assert [row["release"] for row in rows] == ["shop", "shop"]
    for path in ("mirror/shop-1.0/shop.yml", "published/memory.yml"):
        (tmp_path / path).write_text("name: other")
    with pytest.raises(InputError) as caught:
        bundle_plan.list_downloads(session, request)
    assert [each.code for each in errors.each_problem(caught.value)] == ["digest-mismatch"] * 2
    assert [each.where.startswith(f"{tmp_path}/index.yml:") for each in errors.each_problem(caught.value)] == [True] * 2
