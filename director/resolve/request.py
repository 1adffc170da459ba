"""What resolving starts from: the written documents, and what the environment has.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model import dns_names
from director.model.cloud_names import ONLY_CLOUD
from director.model.documents import WrittenDocument
from director.model.environments.desired import StemcellOffer, StockRefusal, StockThere
from director.model.environments.state import DeploymentState
from director.model.environments.vm_sizes import SizeRefusal, SizeThere
from director.model.ids import EnvironmentName
from director.model.releases.release import Release, ReleaseReference
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRelease:
    """A release as it was read, and how to ask for its packages' sources.

    `is_from_source` says that the environment's sources of releases gave its place.
    """

    release: Release
    reference: ReleaseReference
    is_from_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRequest:
    """Everything a deployment's Desired is made of.

    releases: those of the manifest, by name.
    stemcells: what the environment offers; the first one is meant by `os: linux`.
    stock: what the clouds have for the operating systems that the manifest names.
    sizes: what the clouds offer for the `vm_resources` of either document.
    manifest_text: what is saved as the deployment's manifest, secrets as placeholders.
    clouds: names of the environment's clouds, as `cpi` of an AZ calls them.
    known_secrets: whole names the vault has.
    given_cas: names of given values that have a certificate and its key, as `ca` of a certificate may name them.
    taken: addresses other deployments hold, and who.
    others: the states of the environment's other deployments, by name.
    dns_domain: the root domain of DNS names.
    managed_ranges: ranges of the managed networks that exist, by their names in the landing zone.
    landing_ranges: ranges of the landing zones' own networks.
    without_landing: clouds in which no network can be created, and why.
    open_properties: variables without a value in properties, each with its place: wrong where a job declares it.
    """

    environment: EnvironmentName
    manifest: WrittenDocument[Manifest]
    cloud_config: WrittenDocument[CloudConfig]
    releases: Mapping[str, UsedRelease]
    stemcells: tuple[StemcellOffer, ...]
    stock: tuple[StockThere | StockRefusal, ...] = ()
    sizes: tuple[SizeThere | SizeRefusal, ...] = ()
    manifest_text: str = field(default="", repr=False)
    clouds: tuple[str, ...] = (ONLY_CLOUD,)
    known_secrets: frozenset[str] = frozenset()
    given_cas: frozenset[str] = frozenset()
    taken: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, DeploymentState] = field(default_factory=dict)
    dns_domain: str = dns_names.ROOT
    managed_ranges: Mapping[str, str] = field(default_factory=dict)
    landing_ranges: tuple[str, ...] = ()
    without_landing: Mapping[str, str] = field(default_factory=dict)
    open_properties: tuple[InputError, ...] = ()

    @property
    def secret_prefix(self) -> str:
        """What a relative variable name is meant from."""
        return f"/{self.environment}/{self.manifest.document.name}/"

    def given_name(self, name: str) -> str:
        """The whole name under which the deployment keeps a CA that was given; no variable can have such a name."""
        return f"{self.secret_prefix}{name if name.startswith('/') else f'/{name}'}"
