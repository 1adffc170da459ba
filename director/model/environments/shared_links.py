"""Links between deployments: what one shares and what it consumes of others, as saved with its state.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/links/.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import DnsFeatures
from director.model.ids import DeploymentName
from director.model.secret_ref import Property


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLink:
    """A link that other deployments may consume. `default_network` is the one for addressable, else for gateway."""

    alias: str
    type: str
    group: str
    job: str
    networks: tuple[str, ...]
    default_network: str
    properties: Mapping[str, Property] = field(default_factory=dict)
    dns: DnsFeatures = field(default_factory=DnsFeatures)

    def __str__(self) -> str:
        return f"'{self.alias}' (job '{self.job}' of instance group '{self.group}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumedLink:
    """A link of another deployment, by its alias there."""

    deployment: DeploymentName
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentLinks:
    """Both kinds, each once, sorted."""

    shared: tuple[SharedLink, ...] = ()
    consumed: tuple[ConsumedLink, ...] = ()
