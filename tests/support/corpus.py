"""Public deployment manifests with what they need beside them: stub releases, a cloud config, values of variables.

The job specs are upstream's own (properties, links, packages); their templates are one line. A job without a spec gets
one from what the manifest gives it. Everything is read in place from the folder beside the project.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from director.model.documents import Source
from director.model.releases.release import Release, ReleaseReference
from director.model.releases.release_files import ListedFile, ReleaseTree, TextFile
from director.model.variable_options import GIVEN_TYPES
from director.releases.releases import finish_release, read_release_tree
from director.resolve.request import UsedRelease
from director.text.front import Reading
from director.text.variables.bind import KnownNames

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
_VARIABLE = re.compile(r"\(\(!?([-/\w.:]+)\)\)")
_NOT_A_MANIFEST = "cloud_provider"
_PLAIN: Mapping[str, Any] = {
    "azs": ["z1"],
    "instances": 1,
    "vm_extensions": [],
    "os": "ubuntu-jammy",
    "range": "10.200.0.0/16",
    "gateway": "10.200.0.1",
}


class _Loader(yaml.CSafeLoader):
    """As go-yaml reads it: the last of two equal keys counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicManifest:
    """A manifest as its authors published it; `tree` is it parsed."""

    path: Path
    tree: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Its path within the corpus."""
        return str(self.path.relative_to(CORPUS / "manifests"))

    @property
    def is_create_env(self) -> bool:
        """Whether it is for `bosh create-env`."""
        return _NOT_A_MANIFEST in self.tree

    def placed_jobs(self) -> Iterator[Mapping[str, Any]]:
        """The jobs of its groups and addons."""
        for group in (*self.tree.get("instance_groups", ()), *self.tree.get("addons", ())):
            yield from group.get("jobs", ())

    def values(self) -> Mapping[str, Any]:
        """A value for each undeclared variable, as its operator would give it, of the type that its place takes."""
        written = self.tree.get("variables", ())
        values = _values(self.tree, declared={each["name"] for each in written if each["type"] not in GIVEN_TYPES})
        for each in written:
            if each["type"] in GIVEN_TYPES:
                values.setdefault(each["name"], "x")
        return values

    def filled(self) -> Mapping[str, Any]:
        """The tree with these values in the places that they fill whole."""
        filled = _filled(self.tree, self.values())
        assert isinstance(filled, Mapping)
        return filled


def _uses(tree: Any, key: str) -> Iterator[tuple[str, str]]:
    """Each variable with the key that it is the value of, "" where it is part of a text."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from _uses(name, "")
            yield from _uses(value, name)
    elif isinstance(tree, list):
        for value in tree:
            yield from _uses(value, f"{key}[]")
    elif isinstance(tree, str):
        whole = _VARIABLE.fullmatch(tree)
        yield from ((name, key if whole else "") for name in _VARIABLE.findall(tree))


def _values(tree: Any, declared: Container[str] = ()) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, key in _uses(tree, ""):
        whole, *fields = name.split(".")
        if whole not in declared:
            _give(values, (whole, *fields), _plain(key, len(values)))
    return values


def _plain(key: str, number: int) -> Any:
    """A value of the kind that this key takes; addresses are all different."""
    address = f"10.200.0.{20 + number}"
    addresses = {"static_ips": [address], "static_ips[]": address, "reserved[]": address, "dns[]": address}
    return {**_PLAIN, **addresses}.get(key, "x")


def _give(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    here = values
    for step in path[:-1]:
        inner = here.get(step)
        here[step] = inner if isinstance(inner, dict) else {}
        here = here[step]
    if here.get(path[-1], "x") == "x":
        here[path[-1]] = value


def _filled(tree: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(tree, Mapping):
        return {key: _filled(value, values) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, values) for value in tree]
    if not isinstance(tree, str):
        return tree
    found = _VARIABLE.fullmatch(tree)
    if not found:
        return _VARIABLE.sub(lambda part: str(_at(values, part[1]) or part[0]), tree)
    value = _at(values, found[1])
    return tree if value is None else value


def _at(values: Any, name: str) -> Any:
    for step in name.split("."):
        values = values.get(step) if isinstance(values, Mapping) else None
    return values


def read_manifests() -> tuple[PublicManifest, ...]:
    """All of the corpus, by name."""
    paths = sorted((CORPUS / "manifests").rglob("*.yml"))
    return tuple(PublicManifest(path=path, tree=yaml.load(path.read_text(), _Loader)) for path in paths)


def cloud_config_readings() -> tuple[Reading, ...]:
    """The public cloud configs, with values for their variables."""
    return tuple(
        Reading(
            source=Source(name=str(path.relative_to(CORPUS)), content=path.read_bytes()),
            known=KnownNames(values=_values(yaml.load(path.read_text(), _Loader))),
        )
        for path in sorted((CORPUS / "cloud-configs").rglob("*.yml"))
    )


def stub_trees(manifest: PublicManifest) -> Mapping[str, ReleaseTree]:
    """A release directory for each release of the manifest, by name."""
    jobs: dict[str, dict[str, list[Mapping[str, Any]]]] = {
        each["name"]: {} for each in manifest.tree.get("releases", ())
    }
    for job in manifest.placed_jobs():
        jobs.setdefault(job["release"], {}).setdefault(job["name"], []).append(job)
    specs = {
        (release, job): _spec(release, job) or _permissive(job, given)
        for release, uses in jobs.items()
        for job, given in uses.items()
    }
    types = {link["type"] for spec in specs.values() for link in spec.get("provides") or ()}
    own = {where: _with_missing_optional(spec, types) for where, spec in specs.items()}
    return {release: _tree(release, {job: own[release, job] for job in uses}) for release, uses in jobs.items()}


def stub_releases(manifest: PublicManifest) -> Mapping[str, UsedRelease]:
    """The same as values, without a file on disk."""
    return {
        each["name"]: UsedRelease(
            release=_release(tree, str(each["version"])),
            reference=ReleaseReference(name=each["name"], version=str(each["version"])),
        )
        for each in manifest.tree.get("releases", ())
        for tree in [stub_trees(manifest)[each["name"]]]
    }


def cloud_config_for(manifest: PublicManifest) -> str:
    """A cloud config that has what the manifest names, ranges that hold its static addresses among it."""
    groups = manifest.filled().get("instance_groups", ())
    azs = sorted({az for group in groups for az in group.get("azs", ())})
    networks = sorted({use["name"] for group in groups for use in group.get("networks", ())} or {"default"})
    vm_types = {str(group["vm_type"]) for group in groups if "vm_type" in group} | {"default"}
    disk_types = {str(group["persistent_disk_type"]) for group in groups if "persistent_disk_type" in group}
    extensions = sorted({str(each) for group in groups for each in group.get("vm_extensions", ())})
    return yaml.safe_dump(
        {
            "azs": [{"name": az} for az in azs],
            "networks": [_network(name, groups, azs, number=number) for number, name in enumerate(networks)],
            "vm_types": [{"name": name} for name in sorted(vm_types)],
            "disk_types": [{"name": name, "disk_size": 1024} for name in sorted(disk_types)],
            "vm_extensions": [{"name": name} for name in extensions],
            "compilation": {
                "workers": 2,
                "network": networks[0],
                "vm_type": "default",
                **({"az": azs[0]} if azs else {}),
            },
        }
    )


def _network(name: str, groups: Iterable[Mapping[str, Any]], azs: list[str], *, number: int) -> Mapping[str, Any]:
    uses = [use for group in groups for use in group.get("networks", ()) if use["name"] == name]
    static = [str(ip) for use in uses for ip in use.get("static_ips", ())]
    if any("default" in use for group in groups for use in group.get("networks", ()) if use is not None) and static:
        is_only_static = all("static_ips" in use for use in uses)
        if is_only_static and not any("default" in use for use in uses):
            return {"name": name, "type": "vip"}
    first = next((ip for ip in static if re.match(r"\d+\.\d+\.\d+\.\d+", ip)), f"10.{200 + number}.0.9")
    net = ".".join(first.split(".")[:3]) if static else f"10.{200 + number}.0"
    prefix = 24 if static else 16
    subnet = {
        "range": f"{net}.0/{prefix}",
        "gateway": f"{net}.1",
        **({"azs": azs} if azs else {}),
        "static": [ip for ip in static if re.match(r"\d+\.", ip)],
    }
    return {"name": name, "type": "manual", "subnets": [subnet]}


def _release(tree: ReleaseTree, version: str) -> Release:
    draft = read_release_tree(tree)
    drafted = finish_release(draft, dict.fromkeys(draft.unread(), f"sha256:{0:064x}"))
    release = drafted.release
    return Release(
        name=release.name, version=version, origin=release.origin, jobs=release.jobs, packages=release.packages
    )


def _with_missing_optional(spec: Mapping[str, Any], types: set[str]) -> Mapping[str, Any]:
    """Specs of one repository may be newer than the others': a link of a type that no job provides is optional."""
    consumes = [each if each["type"] in types else {**each, "optional": True} for each in spec.get("consumes") or ()]
    return {**spec, "consumes": consumes}


def _tree(name: str, specs: Mapping[str, Mapping[str, Any]]) -> ReleaseTree:
    texts = {"config/final.yml": _text(yaml.safe_dump({"name": name}))}
    packages: set[str] = set()
    for job, spec in specs.items():
        packages |= set(spec.get("packages") or ())
        texts[f"jobs/{job}/spec"] = _text(yaml.safe_dump(spec))
        texts[f"jobs/{job}/monit"] = _text("")
        for template in spec.get("templates") or {}:
            texts[f"jobs/{job}/templates/{template}"] = _text("#!/bin/bash\n")
    for package in packages:
        texts[f"packages/{package}/spec"] = _text(yaml.safe_dump({"name": package, "files": ["x"]}))
        texts[f"packages/{package}/packaging"] = _text("true\n")
    return ReleaseTree(origin=f"stub/{name}", texts=texts, sources={"x": ListedFile()})


def _text(content: str) -> TextFile:
    return TextFile(content=content.encode())


@cache
def _specs() -> Mapping[str, Mapping[str, Any]]:
    """Specs by "<owner+repository>/<job>"."""
    paths = sorted((CORPUS / "job-specs").rglob("*.yml"))
    return {f"{path.parent.name}/{path.stem}": yaml.load(path.read_text(), _Loader) for path in paths}


def _spec(release: str, job: str) -> Mapping[str, Any] | None:
    """Upstream's spec of the job, from the repository that is called most like the release."""
    fitting = {where: spec for where, spec in _specs().items() if where.endswith(f"/{job}")}
    return next((spec for where, spec in fitting.items() if release in where.split("/")[0]), None)


def _permissive(job: str, given: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    properties: dict[str, Any] = {key: {} for use in given for key in (use.get("properties") or {})}
    provides = {name for use in given for name in (use.get("provides") or {})}
    consumes = {name for use in given for name in (use.get("consumes") or {})}
    return {
        "name": job,
        "templates": {},
        "packages": [],
        "properties": properties,
        "provides": [{"name": name, "type": name} for name in sorted(provides)],
        "consumes": [{"name": name, "type": name, "optional": True} for name in sorted(consumes)],
    }
