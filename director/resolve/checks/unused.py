"""Keys that are read and mean nothing here, each with why: remarked where somebody wrote them.

Takes a request, tells remarks.
"""

from collections.abc import Iterator, Sequence

from cpi.contract.value_classes import dataclass
from director.model.documents import WrittenDocument
from director.model.spans import Path
from director.model.written.cloud_config import CloudConfig
from director.model.written.kinds import Piece
from director.model.written.manifest import AddonFilter, Manifest, ReleaseUse
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unused:
    """The keys of one piece that mean nothing, unless they say `harmless`, which is what happens anyway."""

    piece: Piece
    path: Path
    keys: Sequence[str]
    why: str
    harmless: object = None


def remark_unused(request: ResolveRequest, found: Findings) -> None:
    """Remark: setting-unused."""
    for one in _of_manifest(request):
        _remark(request.manifest, one, found)
    for one in _of_cloud_config(request):
        _remark(request.cloud_config, one, found)


def _remark(
    written: WrittenDocument[Manifest] | WrittenDocument[CloudConfig], unused: _Unused, found: Findings
) -> None:
    for key in unused.keys:
        if key in unused.piece.model_fields_set and getattr(unused.piece, key) != unused.harmless:
            where = written.where(*unused.path, key)
            found.remark("setting-unused", f"`{key}` has no effect: {unused.why}", where=where)


def _of_manifest(request: ResolveRequest) -> Iterator[_Unused]:
    manifest = request.manifest.document
    yield _Unused(
        piece=manifest,
        path=(),
        keys=("director_uuid", "manifest_version"),
        why="a manifest is not bound to a director.",
    )
    yield _Unused(
        piece=manifest.features,
        path=("features",),
        keys=("randomize_az_placement",),
        harmless=False,
        why="instances are always spread over AZs in the order of their names.",
    )
    yield _Unused(
        piece=manifest.features,
        path=("features",),
        keys=("use_tmpfs_config",),
        harmless=False,
        why="job directories are on the VM's disk. It is in `env` for an agent that reads it.",
    )
    releases: list[tuple[Path, ReleaseUse]] = [(("releases", at), one) for at, one in enumerate(manifest.releases)]
    for path, release in (*releases, *([(("release",), manifest.release)] if manifest.release else [])):
        why = "a compiled release names its stemcell itself."
        keys = ("stemcell",) if _is_compiled(request, release) else ("stemcell", "exported_from")
        yield _Unused(piece=release, path=path, keys=keys, harmless=(), why=why)
    for index, addon in enumerate(manifest.addons):
        for key, chosen in (("include", addon.include), ("exclude", addon.exclude)):
            yield from _of_filter(("addons", index, key), chosen)
        for number, job in enumerate(addon.jobs):
            why = "BOSH reads it of jobs of instance groups, not of addons."
            path = ("addons", index, "jobs", number)
            yield _Unused(piece=job, path=path, keys=("custom_provider_definitions",), harmless=(), why=why)


def _of_filter(path: Path, chosen: AddonFilter | None) -> Iterator[_Unused]:
    if chosen is not None:
        yield _Unused(piece=chosen, path=path, keys=("teams",), why="compleat has no teams.")


def _is_compiled(request: ResolveRequest, use: ReleaseUse) -> bool:
    used = request.releases.get(use.name)
    return used is not None and any(package.compiled_for for package in used.release.packages)


def _of_cloud_config(request: ResolveRequest) -> Iterator[_Unused]:
    config = request.cloud_config.document
    yield _Unused(
        piece=config.compilation,
        path=("compilation",),
        keys=("reuse_compilation_vms",),
        harmless=True,
        why="compile VMs are reused within a deploy, and deleted when its packages are compiled.",
    )
    yield _Unused(
        piece=config.compilation,
        path=("compilation",),
        keys=("orphan_workers",),
        harmless=False,
        why="compile VMs are deleted before the deploy ends.",
    )
    for index, network in enumerate(config.networks):
        if network.type == "dynamic":
            why = "only manual networks are created."
            yield _Unused(piece=network, path=("networks", index), keys=("managed",), harmless=False, why=why)
        is_managed = network.managed and network.type == "manual"
        for number, subnet in enumerate(network.subnets):
            at: Path = ("networks", index, "subnets", number)
            if not is_managed:
                why = "it belongs to managed networks."
                yield _Unused(piece=subnet, path=at, keys=("name", "netmask_bits"), why=why)
            elif subnet.range:
                yield _Unused(piece=subnet, path=at, keys=("netmask_bits",), why="its `range` has a length.")
            if network.type == "dynamic":
                why = "the cloud chooses the addresses of a dynamic network."
                keys = ("range", "gateway", "reserved", "static", "prefix")
                yield _Unused(piece=subnet, path=at, keys=keys, harmless=(), why=why)
        if network.type == "manual":
            why = "a manual network has AZs on its subnets."
            path: Path = ("networks", index)
            yield _Unused(piece=network, path=path, keys=("dns",), why=why)
