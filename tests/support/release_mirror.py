"""A mirror directory with the documents and stub releases of a public manifest, and a bundle that takes them.

Takes a shipped bundle and folders. Only upstream can make tarballs with upstream's digests, so the manifest in the
mirror has those of the stubs, and the index has the digest of this manifest; the rest is as it ships.
"""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from director.model.releases.release_files import ReleaseTree
from tests.support import corpus
from tests.support.corpus import PublicManifest
from tests.support.release_on_disk import tgz


def write_mirror(mirror: Path, manifest: PublicManifest) -> str:
    """The manifest's releases as NAME-VERSION.tgz, and its text with their digests."""
    mirror.mkdir(exist_ok=True)
    text = manifest.path.read_text()
    trees = corpus.stub_trees(manifest)
    for release in manifest.tree["releases"]:
        content = stub_tarball(trees[release["name"]], str(release["version"]))
        (mirror / f"{release['name']}-{release['version']}.tgz").write_bytes(content)
        text = text.replace(str(release["sha1"]), f"sha256:{_sha256(content)}")
    return text


def place_document(mirror: Path, bundle: Path, path: str, text: str) -> None:
    """Put a document of a source into the mirror, with its digest into the bundle's index."""
    index = bundle / "index.yml"
    tree: dict[str, Any] = yaml.safe_load(index.read_text())
    name, _, file = path.partition("/")
    source = next(one for one in tree["sources"] if one["name"] == name)
    source["files"][file] = f"sha256:{_sha256(text.encode())}"
    place = mirror / f"{name}-{source['version']}" / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    index.write_text(yaml.safe_dump(tree))


def copy_bundle(shipped: Path, folder: Path) -> Path:
    """A copy whose index may be changed."""
    shutil.copytree(shipped, folder)
    return folder


def stub_tarball(tree: ReleaseTree, version: str) -> bytes:
    """A release tarball of a stub's files."""
    jobs = {name: _archive(tree, f"jobs/{name}", "job.MF") for name in _names(tree, "jobs")}
    packages = {name: tgz({"./packaging": b"true\n"}) for name in _names(tree, "packages")}
    specs = {name: yaml.safe_load(tree.texts[f"jobs/{name}/spec"].content) for name in jobs}
    manifest = {
        "name": yaml.safe_load(tree.texts["config/final.yml"].content)["name"],
        "version": version,
        "jobs": [{**_listed(name, jobs), "packages": specs[name].get("packages") or []} for name in jobs],
        "packages": [{**_listed(name, packages), "dependencies": []} for name in packages],
    }
    return tgz(
        {
            "./release.MF": yaml.safe_dump(manifest).encode(),
            **{f"./jobs/{name}.tgz": content for name, content in jobs.items()},
            **{f"./packages/{name}.tgz": content for name, content in packages.items()},
        }
    )


def _names(tree: ReleaseTree, folder: str) -> list[str]:
    return sorted({path.split("/")[1] for path in tree.texts if path.startswith(f"{folder}/")})


def _archive(tree: ReleaseTree, folder: str, manifest: str) -> bytes:
    files = {path.removeprefix(folder): text.content for path, text in tree.texts.items() if path.startswith(folder)}
    spec = files.pop("/spec")
    return tgz({f"./{manifest}": spec, **{f".{path}": content for path, content in files.items()}})


def _listed(name: str, archives: Mapping[str, bytes]) -> dict[str, Any]:
    digest = _sha256(archives[name])
    return {"name": name, "version": digest, "fingerprint": digest, "sha1": f"sha256:{digest}"}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
