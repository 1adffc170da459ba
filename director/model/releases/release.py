"""A release as read from a directory or tarball: its jobs and packages.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh-cli release/ (see docs/reference for the formats).
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.model.documents import Remark
from director.model.ids import Digest

RELOAD_SCRIPT = "reload-properties"
"""The script of a job that gives its processes changed properties while they run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyDefinition:
    """One property a job declares; `default` None means it has none.

    `is_reloaded`: the job's script `bin/reload-properties` takes another value over without a restart.
    """

    name: str
    default: JsonValue = None
    description: str = ""
    is_reloaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDefinition:
    """A link a job consumes (`is_optional` counts) or provides (`properties` are the names it hands over).

    `reloaded` are properties of a consumed link that the job takes over without a restart.
    """

    name: str
    type: str
    is_optional: bool = False
    properties: tuple[str, ...] = ()
    reloaded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """`source` is under templates/, `destination` under the job's directory."""

    source: str
    destination: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseJob:
    """`where` is the spec's file, for messages. `monit` is the monit file's text."""

    name: str
    fingerprint: str
    where: str
    templates: tuple[TemplateFile, ...]
    monit: bytes = field(repr=False)
    packages: tuple[str, ...] = ()
    properties: tuple[PropertyDefinition, ...] = ()
    consumes: tuple[LinkDefinition, ...] = ()
    provides: tuple[LinkDefinition, ...] = ()
    properties_schema: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePackage:
    """`dependencies` are names within the release, needed to compile it.

    `compiled_for` is the stemcell ("ubuntu-jammy/1.200") for which the release has it compiled, "" for sources.
    """

    name: str
    fingerprint: str
    dependencies: tuple[str, ...] = ()
    compiled_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedKey:
    """A key of a release's file that nothing acts on, and the known one it is most like, "" if none is."""

    key: str
    where: str
    near: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`origin` is the directory or tarball it was read from; jobs and packages are sorted by name.

    `remarks` are about parts of its YAML files that are not read.
    """

    name: str
    version: str
    origin: str
    jobs: tuple[ReleaseJob, ...]
    packages: tuple[ReleasePackage, ...]
    unused_keys: tuple[UnusedKey, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def job(self, name: str) -> ReleaseJob | None:
        """The job called `name`, or None."""
        return next((job for job in self.jobs if job.name == name), None)

    def package(self, name: str) -> ReleasePackage | None:
        """The package called `name`, or None."""
        return next((package for package in self.packages if package.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReference:
    """A release as a manifest names it: `url` may be "", a file:// URL or path, or https://.

    `base` is the folder relative paths are meant from. `digest` is the manifest's `sha1` (a multi-digest) or "".
    `blob` is the tarball of an uploaded release in the blobstore, and `outline` its release.MF and jobs alone; then
    the version is the record's and the url says nothing. `accepts_eula` says that the user accepts the EULA of a
    product network's file.
    """

    name: str
    version: str
    url: str = ""
    digest: str = ""
    base: str = ""
    where: str = ""
    blob: Digest | None = None
    outline: Digest | None = None
    accepts_eula: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBlob:
    """A file that a release directory names and does not have. `is_here` says that the home has it already."""

    path: str
    size: int
    digest: str
    place: str
    is_here: bool
    is_build: bool = False
    """It is the ready archive of a vendored package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryFile:
    """A file of a release directory; `link` is the text of a symbolic link, None for an ordinary file."""

    path: str
    is_executable: bool
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource:
    """Which package's source archive to make: of which release, for which architecture."""

    reference: ReleaseReference
    package: str
    fingerprint: str
    architecture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPackage:
    """A compiled package in the blobstore; `key` names source, dependencies, OS and architecture."""

    key: str
    digest: Digest
    size: int


Digests = Mapping[str, Digest]
