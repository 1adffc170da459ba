"""A bundle's index, `manifests/<bundle>/index.yml`: deployments in order, their errands, where documents and releases
are, steps after all that, what to report at the end.

Takes a tree of maps and lists, gives a frozen pydantic model.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written import patterns
from director.model.written.kinds import Flag, FreeMap, Piece, Text, Whole


class BundleDeployment(Piece):
    """One deployment: its manifest and ops files (paths from the index), variables, then errands in order.

    A path SOURCE/FILE is a file of that source. `cloud_ops` are ops files of a cloud, after `ops`, by its plugin.
    `depends_on` are names of deployments of the bundle that are deployed before it, wherever the index lists them.
    """

    manifest: Text
    ops: tuple[Text, ...] = ()
    cloud_ops: Mapping[Text, tuple[Text, ...]] = Field(default_factory=dict)
    vars: FreeMap = Field(default_factory=dict)
    errands: tuple[Text, ...] = ()
    depends_on: tuple[Text, ...] = ()


class BundleSource(Piece):
    """Documents that somebody else publishes: `files` maps the path of each below `url` to its digest.

    A mirror directory has them as NAME-VERSION/PATH.
    """

    name: Annotated[Text, Field(pattern=patterns.BUNDLE_NAME)]
    version: Annotated[Text, Field(pattern=patterns.BUNDLE_NAME)]
    url: Text
    files: Annotated[Mapping[Annotated[Text, Field(pattern=patterns.BUNDLE_FILE)], Text], Field(min_length=1)]


class BundleRelease(Piece):
    """Where a release is that the manifests name, in place of what they say: an address, or a path from the index.

    `sha1` is its digest, as in a manifest; `size` is in bytes, shown before it is downloaded. `accept_eula` is for
    files of a product network: `pivnet://PRODUCT/RELEASE/FILE`.
    """

    name: Text
    version: Text
    url: Text
    sha1: Text | None = None
    size: Annotated[Whole, Field(ge=0)] | None = None
    accept_eula: Flag = False


class BundleStemcell(Piece):
    """A stemcell that the manifests name, uploaded before they are deployed: its tarball's address or path.

    `name`, `version` and `os` are those of stemcell.MF; `os` None means the name. `clouds` are the plugins that it is
    for, none for all. `cloud_init` says what `upload-stemcell --cloud-init` says.
    """

    name: Annotated[Text, Field(pattern=patterns.BUNDLE_NAME)]
    version: Annotated[Text, Field(pattern=patterns.BUNDLE_NAME)]
    os: Text | None = None
    url: Text
    sha1: Text | None = None
    size: Annotated[Whole, Field(ge=0)] | None = None
    clouds: tuple[Text, ...] = ()
    cloud_init: Flag = False


class PostStep(Piece):
    """A command that runs after all errands, on the first instance of a group, unless `unless` ends with 0 there.

    `env` maps names of environment variables to variables of `deployment`.
    """

    name: Text
    deployment: Text
    instance_group: Text
    command: Text
    unless: Text
    env: Mapping[Text, Text] = Field(default_factory=dict)


class ReportedEndpoint(Piece):
    """An endpoint to try and print. `password` and `ca` are names of variables of `deployment`.

    `path` is where the login page or health check is; `scheme` the URL's. `user_key` and `password_key` are the names
    under which the login is reported and written down; without them `<endpoint>_user` and `<endpoint>_password`.
    """

    deployment: Text
    instance_group: Text
    job: Text | None = None
    port: Whole
    scheme: Text = "https"
    path: Text = "/"
    user: Text | None = None
    password: Text | None = None
    ca: Text | None = None
    user_key: Text | None = None
    password_key: Text | None = None


class CredentialsFile(Piece):
    """A file with the logins on the first jumpbox: `path` is from the home of the user who logs in there.

    `command` shows the logins there; it is tried, then reported as `name`.
    """

    path: Text
    command: Text
    name: Text


class Bundle(Piece):
    """The whole index. `report` maps what a person calls the endpoint ("console") to it.

    `credentials` is None where no file of logins is wanted on the jumpbox. `name` and `description` are for people who
    read the index.
    """

    retired: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"cloud_config": "Write it in the environment's file: `cloud_config: PATH`."}
    )

    name: Text
    description: Text | None = None
    deployments: Annotated[tuple[BundleDeployment, ...], Field(min_length=1)]
    sources: tuple[BundleSource, ...] = ()
    releases: tuple[BundleRelease, ...] = ()
    stemcells: tuple[BundleStemcell, ...] = ()
    post_steps: tuple[PostStep, ...] = ()
    report: Mapping[Text, ReportedEndpoint] = Field(default_factory=dict)
    credentials: CredentialsFile | None = None
