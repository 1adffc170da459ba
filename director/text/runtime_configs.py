"""Runtime configs put into a manifest: their addons, the releases of these, their variables and tags.

Takes the manifest and the configs as bound documents, gives one document in which every node keeps its place. A release
whose addons are for no instance group is left out: nothing of it would run. Codes: addon-release-missing,
runtime-release-version, runtime-release-conflict, runtime-release-path, runtime-tags-twice.
Source: cloudfoundry/bosh deployment_plan/planner_factory.rb, manifest/manifest.rb, addon/filter.rb, runtime_config/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Self, cast

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model import addon_filters, stemcell_names
from director.model.documents import Document, WrittenDocument
from director.model.releases import release_versions
from director.model.spans import Path, Span, Spans
from director.model.written.manifest import Addon, AddonFilter, InstanceGroup, JobUse, Manifest, ReleaseUse
from director.model.written.runtime_config import RuntimeConfig

Uploaded = Mapping[str, Sequence[str]]
"""The versions of releases that were uploaded, by their names."""

_OF_DEPLOYMENTS = ("deployments", "teams")
"""Filters that a manifest's own addons do not have: they say which deployments an addon is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundConfig:
    """A runtime config before and after its validation.

    `open_properties` are variables without a value in properties of its addons.
    """

    document: Document
    written: WrittenDocument[RuntimeConfig]
    open_properties: tuple[InputError, ...] = ()


def merge_configs(
    manifest: Document, valid: Manifest | None, configs: Sequence[BoundConfig], *, uploaded: Uploaded
) -> tuple[Document, list[InputError]]:
    """The manifest with what the configs add to its deployment, and what is wrong with that.

    `valid` is the same manifest, None if it is not valid. `uploaded` says what `latest` means.
    """
    if not isinstance(manifest.tree, Mapping):
        return manifest, []
    merger = _Merger(
        tree=dict(manifest.tree),
        spans=dict(manifest.spans.by_path),
        groups=_Groups.of(valid) if valid else None,
        versions=_versions(valid, uploaded) if valid else {},
    )
    for config in configs:
        merger.add(config)
    return Document(tree=merger.tree, spans=Spans(file=manifest.spans.file, by_path=merger.spans)), merger.problems


def _versions(manifest: Manifest, uploaded: Uploaded) -> dict[str, str]:
    """The version of each release; `latest` is the newest one that was uploaded."""
    uses = (*manifest.releases, *((manifest.release,) if manifest.release else ()))
    return {use.name: release_versions.newest(uploaded.get(use.name, ()), use.version) or use.version for use in uses}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """The manifest's groups, and the jobs that they have so far."""

    groups: tuple[InstanceGroup, ...]
    systems: Mapping[str, str | None]
    jobs: dict[str, list[JobUse]]

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """With their own jobs and those of the manifest's addons."""
        groups = cls(
            groups=manifest.instance_groups,
            systems={use.alias: stemcell_names.system_written(use) for use in manifest.stemcells},
            jobs={group.name: [*group.jobs] for group in manifest.instance_groups},
        )
        for addon in manifest.addons:
            groups.place(addon)
        return groups

    def place(self, addon: Addon) -> bool:
        """Put its jobs on the groups that it may be for; whether there are any."""
        fitting = [group for group in self.groups if self._may_get(addon, group)]
        for group in fitting:
            self.jobs[group.name].extend(addon.jobs)
        return bool(fitting)

    def _may_get(self, addon: Addon, group: InstanceGroup) -> bool:
        system = self.systems.get(group.stemcell)
        return addon_filters.is_for_group(addon, group, has=self.jobs[group.name], system=system)


@dataclass(slots=True)
class _Merger:
    tree: dict[Any, Any]
    spans: dict[Path, Span]
    groups: _Groups | None
    versions: dict[str, str]
    problems: list[InputError] = field(default_factory=list)
    tagged: str = ""

    def add(self, config: BoundConfig) -> None:
        document = config.written.document
        used: set[str] = set()
        for index, addon in enumerate(document.addons):
            left = _for_deployment(addon, str(self.tree.get("name", "")))
            if left is not None:
                own = addon.model_copy(update={key: None for key, rest in left.items() if rest is None})
                if self.groups is None or self.groups.place(own):
                    used.update(job.release for job in addon.jobs)
                self._append("addons", config, index, keys=left)
            self._check_releases(config, index)
        for index, release in enumerate(document.releases):
            if self._is_version_fixed(config, index, release) and release.name in used:
                self._add_release(config, index, release)
        for index in range(len(document.variables)):
            self._append("variables", config, index)
        self._add_tags(config)

    def _append(self, key: str, config: BoundConfig, index: int, *, keys: Mapping[str, Any] | None = None) -> None:
        """Add an entry of a list with the places of all in it; `keys` replace some of its own, None removes one."""
        listed = list(self.tree.get(key) or ())
        source = cast(Any, config.document.tree)[key][index]
        changed = {**source, **(keys or {})}
        self.spans[key, len(listed)] = config.document.spans.at((key, index))
        for path, span in config.document.spans.by_path.items():
            if path[:2] == (key, index):
                self.spans[(key, len(listed), *path[2:])] = span
        entry = changed if keys is None else {name: value for name, value in changed.items() if value is not None}
        self.tree[key] = [*listed, entry]

    def _check_releases(self, config: BoundConfig, index: int) -> None:
        addon, known = config.written.document.addons[index], {each.name for each in config.written.document.releases}
        for number, job in enumerate(addon.jobs):
            if job.release not in known:
                self.problems.append(
                    InputError(
                        "addon-release-missing",
                        f"Addon '{addon.name}' uses release '{job.release}', which its runtime config does not list.",
                        why=f"The config lists: {', '.join(sorted(known)) or 'none'}.",
                        fix="Add the release to `releases` of the runtime config.",
                        where=config.written.where("addons", index, "jobs", number, "release"),
                    )
                )

    def _is_version_fixed(self, config: BoundConfig, index: int, release: ReleaseUse) -> bool:
        if not (release.version == "latest" or release.version.endswith(".latest")):
            return True
        self.problems.append(
            InputError(
                "runtime-release-version",
                f"The runtime config names version '{release.version}' of release '{release.name}'.",
                why="A runtime config is for many deployments, which get it at different times.",
                fix="Name an exact version.",
                where=config.written.where("releases", index, "version"),
            )
        )
        return False

    def _add_release(self, config: BoundConfig, index: int, release: ReleaseUse) -> None:
        same = self.versions.get(release.name)
        if same is None:
            self._check_url(config, index, release)
            self._append("releases", config, index)
            self.versions[release.name] = release.version
        elif same != release.version and not (
            release_versions.is_pattern(same) and release_versions.matches(release.version, same)
        ):
            self.problems.append(
                InputError(
                    "runtime-release-conflict",
                    f"The runtime config names version '{release.version}' of release '{release.name}'.",
                    why=f"The manifest, or another runtime config, names version '{same}'.",
                    fix="Name the same version in both.",
                    where=config.written.where("releases", index, "version"),
                )
            )

    def _check_url(self, config: BoundConfig, index: int, release: ReleaseUse) -> None:
        """A relative path would be one from each manifest's folder."""
        if release.url is None or "://" in release.url or release.url.startswith(("/", "~", "git@")):
            return
        self.problems.append(
            InputError(
                "runtime-release-path",
                f"The runtime config names release '{release.name}' by the relative path '{release.url}'.",
                why="Its deployments are deployed from different folders.",
                fix="Name the whole path, or upload the release and leave out `url`.",
                where=config.written.where("releases", index, "url"),
            )
        )

    def _add_tags(self, config: BoundConfig) -> None:
        tags = config.written.document.tags
        if not tags:
            return
        if self.tagged:
            self.problems.append(
                InputError(
                    "runtime-tags-twice",
                    "Two runtime configs have `tags`.",
                    why=f"{self.tagged} has them, too.",
                    fix="Keep them in one of the two.",
                    where=config.written.where("tags"),
                )
            )
        self.tagged = config.document.spans.file
        own = self.tree.get("tags")
        for name in tags:
            self.spans.setdefault(("tags", name), config.document.spans.at(("tags", name)))
        self.tree["tags"] = {**tags, **(own if isinstance(own, Mapping) else {})}


def _for_deployment(addon: Addon, deployment: str) -> Mapping[str, Any] | None:
    """The filters that are left to judge each group by, as keys of the addon; None if it is not for the deployment.

    Kinds of filters are ANDed, and an exclude without any kind excludes nothing.
    """
    left: dict[str, Any] = {}
    for key, chosen in (("include", addon.include), ("exclude", addon.exclude)):
        if chosen is None or not (chosen.deployments or chosen.teams):
            continue
        is_meant = not chosen.teams and deployment in (chosen.deployments or ())
        rest = chosen.model_dump(exclude_unset=True, exclude=set(_OF_DEPLOYMENTS))
        if key == "include":
            if not is_meant:
                return None
            left[key] = rest
        elif not is_meant:
            left[key] = None
        elif not _has_kinds(chosen):
            return None
        else:
            left[key] = rest
    return left


def _has_kinds(chosen: AddonFilter) -> bool:
    kinds = [name for name in AddonFilter.model_fields if name not in _OF_DEPLOYMENTS]
    return any(getattr(chosen, name) for name in kinds)
