"""Names that must be unique, also once DNS has simplified them.

Takes a request, tells problems. Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/dns/canonicalizer.rb.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cpi.contract.value_classes import dataclass
from director.model import dns_names
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest

_LONGEST, _SHOWN = 100, 80
_DEPLOYMENT = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]{0,99}")
_GROUP = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def check_names(request: ResolveRequest, found: Findings) -> None:
    """Tell bad and duplicate names of either document: bad-name, duplicate-name."""
    _check_deployment(request, found)
    first: dict[tuple[str, str], _Named] = {}
    for named in (*_manifest_names(request), *_config_names(request)):
        same = first.setdefault((named.kind, named.key), named)
        if same is not named:
            _report_duplicate(same, named, found)
    for named in first.values():
        if named.kind == "instance group" and not _GROUP.fullmatch(named.name):
            _report_group(named, found)
            continue
        if not named.name.isprintable() or not named.name.strip():
            found.report(
                "bad-name",
                f"The name {named.name!r} of a {named.kind} is not printable.",
                why="It is empty, or holds a line break or another control character.",
                fix="Choose a name of letters, digits and '-'.",
                where=named.where,
            )
            continue
        if named.is_dns and (not named.key or named.key != named.key.strip("-")):
            found.report(
                "bad-name",
                f"The name '{named.name}' of a {named.kind} is not a valid DNS name.",
                why=f"In DNS it would be '{named.key}'; expected only a-z, 0-9 and '-', and no '-' at either end.",
                fix="Choose a name that begins and ends with a letter or a digit.",
                where=named.where,
            )


def _check_deployment(request: ResolveRequest, found: Findings) -> None:
    """It becomes part of secrets' names, tags and paths."""
    name = request.manifest.document.name
    if not _DEPLOYMENT.fullmatch(name):
        found.report(
            "bad-deployment-name",
            f"{name[:_SHOWN]!r} is not a valid deployment name.",
            why="A name is of letters, digits and '_', '.', '+', '-', does not begin with '.', and has at most "
            f"{_LONGEST} of them.",
            fix="Choose a valid name.",
            where=request.manifest.where("name"),
        )


def _report_group(named: "_Named", found: Findings) -> None:
    """It becomes part of action ids, tags, host names and paths, where another character would be another name."""
    found.report(
        "bad-name",
        f"{named.name[:_SHOWN]!r} is not a valid instance group name.",
        why=f"A name is of letters, digits and '_', '.', '-', and has at most {_LONGEST} of them.",
        fix="Choose a valid name.",
        where=named.where,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """`is_dns`: two names are also the same if DNS cannot tell them apart."""

    kind: str
    name: str
    where: str
    is_dns: bool = False

    @property
    def key(self) -> str:
        return dns_names.canonical_name(self.name) if self.is_dns else self.name


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


def _manifest_names(request: ResolveRequest) -> Iterator[_Named]:
    manifest, written = request.manifest, request.manifest.document
    yield _Named(kind="deployment", name=written.name, where=manifest.where("name"), is_dns=True)
    lists: Iterable[tuple[str, str, Sequence[_HasName]]] = (
        ("instance group", "instance_groups", written.instance_groups),
        ("release", "releases", written.releases),
        ("variable", "variables", written.variables),
        ("addon", "addons", written.addons),
    )
    for kind, key, pieces in lists:
        for index, piece in enumerate(pieces):
            where = manifest.where(key, index, "name")
            yield _Named(kind=kind, name=piece.name, where=where, is_dns=kind == "instance group")
    for index, stemcell in enumerate(written.stemcells):
        yield _Named(kind="stemcell", name=stemcell.alias, where=manifest.where("stemcells", index, "alias"))


def _config_names(request: ResolveRequest) -> Iterator[_Named]:
    config, written = request.cloud_config, request.cloud_config.document
    lists: Iterable[tuple[str, str, Sequence[_HasName]]] = (
        ("network", "networks", written.networks),
        ("AZ", "azs", written.azs),
        ("VM type", "vm_types", written.vm_types),
        ("VM extension", "vm_extensions", written.vm_extensions),
        ("disk type", "disk_types", written.disk_types),
    )
    for kind, key, pieces in lists:
        for index, piece in enumerate(pieces):
            where = config.where(key, index, "name")
            yield _Named(kind=kind, name=piece.name, where=where, is_dns=kind == "network")


def _report_duplicate(first: _Named, second: _Named, found: Findings) -> None:
    why = f"The first is at {first.where}"
    if first.name != second.name:
        why += f" and called '{first.name}'; in DNS both are '{first.key}'"
    found.report(
        "duplicate-name",
        f"The name '{second.name}' is not unique: each {second.kind} needs a name of its own.",
        why=f"{why}.",
        fix="Rename or remove one of them.",
        where=second.where,
    )
