"""An environment file: the place deployments go to, on which cloud.

Takes a tree of maps and lists, gives a frozen pydantic model. One cloud: `cloud` and `properties`; several: `clouds`,
or `cpi_config`, a file in BOSH's own format.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from director.model import dns_names
from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written import patterns
from director.model.written.kinds import FreeMap, Piece, Text


class WrittenLanding(Piece):
    """What is one cloud's own in its landing zone.

    `networks` None means those of the whole file; `public_names` None means the file's for the first cloud, and a
    jumpbox for each other.
    """

    networks: Mapping[Text, Text] | None = None
    public_names: tuple[Text, ...] | None = None


class WrittenCloud(WrittenLanding):
    """One of several clouds; `name` is what AZs write as `cpi`."""

    name: Text
    plugin: Text
    properties: FreeMap = Field(default_factory=dict)


class WrittenJumpbox(Piece):
    """How VMs are reached. `public`: through a jumpbox with a public address; `private`: through one that has none;
    `none`: straight, from a machine in their network. The rest names places of the cloud config; None means the
    usual one, or the first that fits.
    """

    access: Literal["public", "private", "none"] = "public"
    network: Text | None = None
    vip_network: Text | None = None
    vm_type: Text | None = None
    az: Text | None = None


class WrittenEnd(Piece):
    """`at` is a span from the first `up`, or a moment. `clock` is what ends the environment: a timer of this machine,
    or beside it the jumpbox, which gets a login for it; None: as before, at first this machine."""

    at: Annotated[Text, Field(pattern=patterns.END)]
    clock: Literal["here", "jumpbox"] | None = None


_Access = Literal["public", "private", "none"] | WrittenJumpbox
_End = Annotated[Text, Field(pattern=patterns.END)] | WrittenEnd | None
"""What may be written, for the JSON Schema."""


def _access_alone(value: object) -> object:
    return {"access": value} if isinstance(value, str) else value


def _moment_alone(value: object) -> object:
    return {"at": value} if isinstance(value, str) else value


class EnvironmentFile(Piece):
    """The whole file. `networks` maps a network's name to its CIDR.

    `cloud_config`, `runtime_configs` and `cpi_config` are paths from this file. For the cpi-config, by the CPI's name:
    `stemcells` are the images of executables, `landing` what is its own in a landing zone.
    `public_names` are the public addresses wanted; `jumpbox` may be its `access` alone. `variables` are plain values
    for every deployment here.
    `release_sources` are where releases without a url are: addresses with `{name}` and `{version}`, and directories.
    `ssh_keys` are OpenSSH public keys that may log in to jumpboxes besides the environment's own key; None leaves those
    that are there.
    `bpm` says who runs jobs that are started by bpm: the guest, or release bpm as the manifest names it, compiled.
    `tags` are set on every cloud resource when it is created. `dns_domain` is what the DNS names of instances end
    with, BOSH's unless it is given.
    `ends` is when the environment ends by itself; it may be its `at` alone.
    `preflight_limit_s` is how long preflight may take for all clouds together; an answer that takes more than a few
    seconds usually means that the network does not work.
    """

    name: Text
    cloud: Text | None = None
    properties: FreeMap = Field(default_factory=dict)
    clouds: tuple[WrittenCloud, ...] = ()
    cpi_config: Text | None = None
    stemcells: Mapping[Text, FreeMap] = Field(default_factory=dict)
    landing: Mapping[Text, WrittenLanding] = Field(default_factory=dict)
    cloud_config: Text | None = None
    release_sources: tuple[Text, ...] = ()
    runtime_configs: tuple[Text, ...] = ()
    networks: Mapping[Text, Text] = Field(default_factory=lambda: {"default": "10.0.0.0/16"})
    public_names: tuple[Text, ...] = ("jumpbox",)
    jumpbox: Annotated[WrittenJumpbox, BeforeValidator(_access_alone, json_schema_input_type=_Access)] = (
        WrittenJumpbox()
    )
    variables: FreeMap = Field(default_factory=dict)
    ssh_keys: tuple[Annotated[Text, Field(pattern=patterns.SSH_KEY)], ...] | None = None
    bpm: Literal["guest", "release"] = "guest"
    tags: Mapping[Text, Text] = Field(default_factory=dict)
    dns_domain: Annotated[Text, Field(pattern=patterns.DOMAIN)] = dns_names.ROOT
    ends: Annotated[WrittenEnd | None, BeforeValidator(_moment_alone, json_schema_input_type=_End)] = None
    preflight_limit_s: float = Field(default=10.0, gt=0.0, le=3600.0)
