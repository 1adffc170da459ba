"""What a release directory says of its jobs and packages: `spec` files and `config/final.yml`.

Takes a tree of maps and lists, gives frozen pydantic models. Source: cloudfoundry/bosh-cli release/{job,pkg}/manifest/.
"""

from collections.abc import Mapping

from pydantic import Field

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeTree in this module
from director.model.written.kinds import Flag, FreeMap, FreeTree, Piece, Text


class PropertySpec(Piece):
    """A property a job declares. `default` None means it has none; `type` and `example` are for readers."""

    description: Text | None = None
    default: FreeTree = None
    example: FreeTree = None
    examples: FreeTree = None
    type: FreeTree = None
    env_file: FreeTree = None
    env: FreeTree = None


class ConsumesSpec(Piece):
    """A link a job consumes."""

    name: Text
    type: Text
    optional: Flag = False


class ProvidesSpec(Piece):
    """A link a job provides; `properties` are the names it hands over."""

    name: Text
    type: Text
    properties: tuple[Text, ...] = ()


class JobSpec(Piece):
    """`jobs/<name>/spec`. `templates` maps a file under templates/ to its place in the job's directory."""

    name: Text
    description: Text | None = None
    templates: Mapping[Text, Text] = Field(default_factory=dict)
    packages: tuple[Text, ...] = ()
    properties: Mapping[Text, PropertySpec] = Field(default_factory=dict)
    properties_schema: FreeTree = None
    consumes: tuple[ConsumesSpec, ...] = ()
    provides: tuple[ProvidesSpec, ...] = ()
    logs: FreeMap = Field(default_factory=dict)


class PackageSpec(Piece):
    """`packages/<name>/spec`. Files are globs below src/, then blobs/."""

    name: Text
    dependencies: tuple[Text, ...] = ()
    files: tuple[Text, ...] = ()
    excluded_files: tuple[Text, ...] = ()


class FinalConfig(Piece):
    """`config/final.yml`: the release's name, and where final blobs live."""

    name: Text | None = None
    final_name: Text | None = None
    min_cli_version: Text | None = None
    blobstore: FreeMap = Field(default_factory=dict)
