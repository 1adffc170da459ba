"""The stemcells of a bundle's index against those that its manifests name.

Takes a written index and what manifests name. Raises InputError and Problems.
"""

from collections.abc import Iterable, Mapping, Sequence

from director.model.documents import WrittenDocument
from director.model.releases import release_versions
from director.model.secret_ref import Property
from director.model.written.bundle import Bundle, BundleStemcell
from director.resolve.findings import Findings


def check_stemcells(index: WrittenDocument[Bundle], trees: Iterable[Property], *, clouds: Sequence[str]) -> None:
    """Check that each stemcell stands once, is named by a manifest, and is for clouds that there are.

    `trees` are the manifests; `clouds` the plugins. Raises: bundle-stemcell-twice, bundle-stemcell-unused,
    unknown-cloud.
    """
    found, uses = Findings(), [use for tree in trees for use in _uses(tree)]
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(index.document.stemcells):
        where = index.where("stemcells", number)
        if (one.name, one.version) in seen:
            found.report(
                "bundle-stemcell-twice",
                f"The index lists stemcell '{one.name}/{one.version}' twice.",
                why="A stemcell is uploaded from one place.",
                fix="Remove one of the entries.",
                where=where,
            )
        seen.add((one.name, one.version))
        if not any(_is_meant(use, one) for use in uses):
            named = ", ".join(sorted({f"{use.get('name') or use.get('os')}/{use.get('version')}" for use in uses}))
            found.report(
                "bundle-stemcell-unused",
                f"No manifest of the bundle names stemcell '{one.name}/{one.version}'.",
                why=f"They name: {named or 'none'}.",
                fix="Correct its name, os and version, or remove it.",
                where=where,
            )
        for cloud in one.clouds:
            if cloud not in clouds:
                found.report_unknown("cloud", cloud, whose="`clouds`", known=clouds, where=where)
    found.raise_if_any()


def _uses(tree: Property) -> list[Mapping[str, Property]]:
    listed = tree.get("stemcells") if isinstance(tree, Mapping) else None
    return [use for use in listed if isinstance(use, Mapping)] if isinstance(listed, list | tuple) else []


def _is_meant(use: Mapping[str, Property], one: BundleStemcell) -> bool:
    """By BOSH's rule: `name` wins over `os`."""
    is_named = use["name"] == one.name if use.get("name") is not None else use.get("os") == (one.os or one.name)
    version = str(use.get("version", ""))
    return is_named and (version == one.version or release_versions.matches(one.version, version))
