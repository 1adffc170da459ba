"""A bundle's index and the manifests that it lists, as files.

Takes a Session, a bundle's name and values, gives the index and what it deploys.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases.bundle_preview import RequestedDeployment
from director.model.documents import WrittenDocument
from director.model.releases.release import ReleaseReference
from director.model.secret_ref import Property
from director.model.written.bundle import Bundle, BundleDeployment
from director.resolve import bundles
from director.resolve.releases import uploaded
from director.text import front as texts
from director.text.variables.bind import KnownNames


def read_bundle(
    session: Session, bundle: str, values: Mapping[str, Property], *, base: str = ""
) -> tuple[WrittenDocument[Bundle], tuple[RequestedDeployment, ...]]:
    """The bundle called so, or in a folder of that path; `base` is where a relative one is meant from."""
    folder = folder_of(session, bundle, base=base)
    index = texts.read_bundle(texts.Reading(source=session.files.read_source("index.yml", base=folder)))
    listed = index.document.deployments
    placed = _placed(index, folder)
    files = [replace(_files(session, values, folder=folder, each=each), placed=placed) for each in listed]
    read = [read_tree(session, each) for each in files] if placed or any(each.depends_on for each in listed) else []
    if read:
        bundles.check_releases(index, {one for tree in read for one in uploaded.named_releases(tree)})
    names = [_name(tree) for tree in read]
    ordered = bundles.order_deployments(index, names) if read else range(len(listed))
    return index, tuple(
        RequestedDeployment(files=files[number], errands=listed[number].errands, index=index) for number in ordered
    )


def read_tree(session: Session, files: ManifestFiles) -> Property:
    """The manifest with its ops, as far as it can be known before the environment is."""
    known = KnownNames(values={**session.file.variables, **files.values})
    return texts.read_tree(texts.Reading(source=files.manifest, ops=files.ops, known=known)).tree


def _placed(index: WrittenDocument[Bundle], folder: str) -> tuple[ReleaseReference, ...]:
    """Where the index says that releases are."""
    return tuple(
        ReleaseReference(
            name=each.name,
            version=each.version,
            url=each.url,
            digest=each.sha1 or "",
            base=folder,
            where=index.where("releases", number),
            accepts_eula=each.accept_eula,
        )
        for number, each in enumerate(index.document.releases)
    )


def _name(tree: Property) -> str:
    return str(tree.get("name", "")) if isinstance(tree, Mapping) else ""


def folder_of(session: Session, bundle: str, *, base: str = "") -> str:
    """The folder of the bundle called so, or of that path."""
    path = Path(base, bundle)
    is_path = "/" in bundle or session.files.is_there(f"{path}/index.yml")
    return str(path.absolute()) if is_path else session.files.bundled(f"manifests/{bundle}")


def _files(session: Session, values: Mapping[str, Property], *, folder: str, each: BundleDeployment) -> ManifestFiles:
    return ManifestFiles(
        manifest=session.files.read_source(each.manifest, base=folder),
        base=str(PurePath(os.path.normpath(PurePath(folder, each.manifest))).parent),
        ops=tuple(session.files.read_source(path, base=folder) for path in each.ops),
        values={**each.vars, **values},
    )
