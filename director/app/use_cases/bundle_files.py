"""A bundle's index and the manifests that it lists, as files.

Takes a Session, a bundle's name and values, gives the index and what it deploys.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases.bundle_preview import RequestedDeployment
from director.model.documents import WrittenDocument
from director.model.secret_ref import Property
from director.model.written.bundle import Bundle, BundleDeployment
from director.text import front as texts


def read_bundle(
    session: Session, bundle: str, values: Mapping[str, Property], *, base: str = ""
) -> tuple[WrittenDocument[Bundle], tuple[RequestedDeployment, ...]]:
    """The bundle called so, or in a folder of that path; `base` is where a relative one is meant from."""
    folder = _folder(session, bundle, base=base)
    index = texts.read_bundle(texts.Reading(source=session.files.read_source("index.yml", base=folder)))
    return index, tuple(
        RequestedDeployment(files=_files(session, values, folder=folder, each=each), errands=each.errands, index=index)
        for each in index.document.deployments
    )


def _folder(session: Session, bundle: str, *, base: str) -> str:
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
