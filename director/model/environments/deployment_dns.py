"""What a deployment has in DNS: how its instances are named, their records, the aliases of its links.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/dns/dns_records.rb.
"""

from cpi.contract.value_classes import dataclass
from director.model import dns_names
from director.model.former import OptionalText
from director.model.ids import DeploymentName, InstanceId


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsFeatures:
    """The manifest's switches. `is_by_name`: an instance's address is its name; `is_short`: in the short form;
    `is_by_link`: of the instances that provide the link, not of their group."""

    domain: str = dns_names.ROOT
    is_by_name: bool = False
    is_short: bool = False
    is_by_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAlias:
    """A name of the manifest for the instances that provide a link; the rest as BOSH writes it."""

    domain: str
    health_filter: OptionalText = None
    initial_health_check: OptionalText = None
    placeholder_type: OptionalText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRecord:
    """An alias with what it means: the instances of a link group."""

    alias: LinkAlias
    link_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceDnsRecord:
    """An instance on one network. `ip` is "" until its cloud chose one. `link_groups` are sorted."""

    instance: InstanceId
    index: int
    group: str
    network: str
    ip: str
    az: OptionalText = None
    link_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDns:
    """All of one deployment; a deployment that is gone has no records."""

    deployment: DeploymentName
    domain: str = dns_names.ROOT
    records: tuple[InstanceDnsRecord, ...] = ()
    aliases: tuple[AliasRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDns:
    """What was last published of a deployment; `is_sent` once all that need it have it."""

    dns: DeploymentDns
    is_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDns:
    """Everything of an environment. A higher `version` is newer; the same one has the same content."""

    version: int
    deployments: tuple[DeploymentDns, ...] = ()
