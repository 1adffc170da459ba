"""The documents that a bundle's index names, and the sources of those that somebody else publishes.

Takes a written index, gives paths. Raises InputError and Problems.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.errors import InputError
from director.model.documents import WrittenDocument
from director.model.releases.multi_digest import read_multi_digest
from director.model.written.bundle import Bundle, BundleDeployment
from director.resolve.findings import Findings

_EXECUTABLE = "exec:"
_NOT_FILES = ("git+", "pivnet://")


def check_sources(index: WrittenDocument[Bundle], clouds: Sequence[str]) -> None:
    """Check that each file of a source is used, and that each path which names a source is one of its files.

    `clouds` are the plugins that `cloud_ops` may name, besides executables.
    Raises: bundle-source-twice, bundle-source-unused, bundle-source-unfit, unknown-source-file, unknown-cloud,
    digest-unreadable.
    """
    found = Findings()
    used = set(named_documents(index))
    files: dict[str, tuple[str, ...]] = {}
    for number, source in enumerate(index.document.sources):
        if source.name in files:
            found.report(
                "bundle-source-twice",
                f"The index lists source '{source.name}' twice.",
                why="A path begins with the name of its source.",
                fix="Rename one of them.",
                where=index.where("sources", number),
            )
        files[source.name] = tuple(source.files)
        if source.url.startswith(_NOT_FILES):
            found.report(
                "bundle-source-unfit",
                f"Source '{source.name}' cannot be read from {source.url.partition('://')[0]}://.",
                why="A git repository and a product network give releases alone.",
                fix="Name the address below which its files are, for example https://raw.githubusercontent.com/...",
                where=index.where("sources", number, "url"),
            )
        for file, digest in source.files.items():
            _check_source_file(found, digest, index.where("sources", number, "files", file))
            if f"{source.name}/{file}" not in used:
                found.report(
                    "bundle-source-unused",
                    f"No deployment of the bundle uses '{source.name}/{file}'.",
                    why="A file of a source is a manifest or an ops file of a deployment.",
                    fix=f"Name it as {source.name}/{file} in `manifest`, `ops` or `cloud_ops`, or remove it.",
                    where=index.where("sources", number, "files", file),
                )
    for number, each in enumerate(index.document.deployments):
        _check_paths(found, index, number=number, files=files)
        for cloud in each.cloud_ops:
            if cloud not in clouds and not cloud.startswith(_EXECUTABLE):
                where = index.where("deployments", number, "cloud_ops", cloud)
                found.report_unknown("cloud", cloud, whose="`cloud_ops`", known=clouds, where=where)
    found.raise_if_any()


def named_documents(index: WrittenDocument[Bundle]) -> Iterator[str]:
    """The paths of all manifests and ops files, those of every cloud among them."""
    for each in index.document.deployments:
        yield from _paths(each)


def _paths(deployment: BundleDeployment) -> Iterator[str]:
    yield from (deployment.manifest, *deployment.ops)
    for paths in deployment.cloud_ops.values():
        yield from paths


def _check_source_file(found: Findings, digest: str, where: str) -> None:
    try:
        read_multi_digest(digest, where)
    except InputError as error:
        found.problems.append(error)


def _check_paths(
    found: Findings, index: WrittenDocument[Bundle], *, number: int, files: Mapping[str, Sequence[str]]
) -> None:
    for path in _paths(index.document.deployments[number]):
        name, _, file = path.partition("/")
        if name in files and file not in files[name]:
            where = index.where("deployments", number)
            found.report_unknown("source file", file, whose=f"'{path}'", known=files[name], where=where)
