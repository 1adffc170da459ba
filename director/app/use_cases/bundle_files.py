"""A bundle's index and the manifests that it lists, as files.

Takes a Session, a bundle's name and values, gives the index and what it deploys.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

from cpi import plugins
from cpi.contract.errors import ExplainedError
from director.app.sessions import environment_files, source_documents
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.errors import InputError, raise_all
from director.model.documents import Source, WrittenDocument
from director.model.releases.release import ReleaseReference
from director.model.secret_ref import Property
from director.model.written.bundle import Bundle, BundleDeployment
from director.resolve import bundle_documents, bundle_stemcells, bundles
from director.resolve.releases import uploaded
from director.text import front as texts
from director.text.variables.bind import KnownNames


def read_bundle(
    session: Session, bundle: str, values: Mapping[str, Property], *, base: str = ""
) -> tuple[WrittenDocument[Bundle], tuple[RequestedDeployment, ...]]:
    """The bundle called so, or in a folder of that path; `base` is where a relative one is meant from."""
    folder = folder_of(session, bundle, base=base)
    index = texts.read_bundle(texts.Reading(source=session.files.read_source("index.yml", base=folder)))
    bundle_documents.check_sources(index, plugins.plugin_names())
    listed = index.document.deployments
    placed = _placed(index, folder)
    documents = _documents(session, index, folder)
    files = [
        ManifestFiles(
            manifest=documents[each.manifest],
            base=str(PurePath(os.path.normpath(PurePath(folder, each.manifest))).parent),
            ops=tuple(documents[path] for path in _ops(session, each)),
            values={**each.vars, **values},
            placed=placed,
        )
        for each in listed
    ]
    is_read = placed or index.document.stemcells or any(each.depends_on for each in listed)
    read = [read_tree(session, each) for each in files] if is_read else []
    if read:
        bundles.check_releases(index, {one for tree in read for one in uploaded.named_releases(tree)})
        bundle_stemcells.check_stemcells(index, read, clouds=plugins.plugin_names())
    names = [_name(tree) for tree in read]
    ordered = bundles.order_deployments(index, names) if read else range(len(listed))
    return index, tuple(
        RequestedDeployment(files=files[number], errands=listed[number].errands, index=index, folder=folder)
        for number in ordered
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


def _documents(session: Session, index: WrittenDocument[Bundle], folder: str) -> Mapping[str, Source]:
    """What the environment's clouds need of the index's documents, by path; reports all that cannot be read."""
    found: dict[str, Source] = {}
    problems: list[ExplainedError] = []
    for path in dict.fromkeys(path for each in index.document.deployments for path in documents_of(session, each)):
        try:
            found[path] = source_documents.read_document(session, index, path, folder=folder)
        except InputError as error:
            problems.append(error)
    raise_all(problems)
    return found


def documents_of(session: Session, deployment: BundleDeployment) -> tuple[str, ...]:
    """The manifest and the ops files that a deployment has on the environment's clouds."""
    return (deployment.manifest, *_ops(session, deployment))


def _ops(session: Session, deployment: BundleDeployment) -> tuple[str, ...]:
    found = dict.fromkeys(choice.plugin for choice in environment_files.cloud_choices(session.file))
    return (*deployment.ops, *(path for plugin in found for path in deployment.cloud_ops.get(plugin, ())))
