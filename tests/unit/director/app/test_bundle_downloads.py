"""Where a bundle's releases come from: listed before anything is fetched."""

from dataclasses import replace
from pathlib import Path

import yaml

from director.app.use_cases import bundle_plan, up
from director.report import download_text
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

_DIGEST = f"sha256:{'d' * 64}"
_MANIFEST = {
    "name": "shop",
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
    ]
    assert table.rows[0]["digest"] == _DIGEST
    assert download_text.download_lines(table.rows)[-1] == "To download: 1 file of 3.0 MiB and 1 file of unknown size."
