"""Published records as BOSH's agent and bosh-dns read them: records.json.

Takes what is published of all deployments, gives a document. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/dns/dns_records.rb.
"""

from collections.abc import Iterator
from dataclasses import replace

from cpi.contract.json_value import JsonValue
from director.model import dns_names
from director.model.dns_names import Whereabouts
from director.model.environments.deployment_dns import DeploymentDns, InstanceDnsRecord, PublishedDns
from director.model.environments.state import DeploymentState

KEYS = (
    "id",
    "num_id",
    "instance_group",
    "group_ids",
    "az",
    "az_id",
    "network",
    "network_id",
    "deployment",
    "ip",
    "domain",
    "agent_id",
    "instance_index",
)


def with_addresses(dns: DeploymentDns, state: DeploymentState) -> DeploymentDns:
    """The same with the addresses that VMs have now; a VM that is yet to come has the planned one."""
    known = {record.id: record.vm for record in state.instances}
    records = []
    for record in dns.records:
        vm = known.get(record.instance)
        own = {net.name: net.ip for net in vm.networks} if vm else {}
        records.append(replace(record, ip=own.get(record.network) or record.ip))
    return replace(dns, records=tuple(records))


def records_document(published: PublishedDns) -> dict[str, JsonValue]:
    """The whole document; an instance without an address has no record."""
    rows = [(dns, record) for dns in published.deployments for record in dns.records if record.ip]
    return {
        "records": [[record.ip, _name(dns, record)] for dns, record in rows],
        "version": published.version,
        "record_keys": list(KEYS),
        "record_infos": [_info(dns, record) for dns, record in rows],
        "aliases": _aliases(published),
    }


def _name(dns: DeploymentDns, record: InstanceDnsRecord) -> str:
    place = Whereabouts(group=record.group, network=record.network, deployment=dns.deployment, domain=dns.domain)
    return dns_names.long_name(record.instance, place)


def _info(dns: DeploymentDns, record: InstanceDnsRecord) -> list[JsonValue]:
    """One row, in the order of KEYS. The agent of an instance has the instance's id."""
    links = (dns_names.link_number(dns.deployment, name) for name in record.link_groups)
    return [
        record.instance,
        dns_names.instance_number(record.instance),
        dns_names.canonical_name(record.group),
        [dns_names.group_number(dns.deployment, record.group), *links],
        record.az,
        dns_names.az_number(record.az) if record.az else None,
        dns_names.canonical_name(record.network),
        dns_names.network_number(record.network),
        dns_names.canonical_name(dns.deployment),
        record.ip,
        dns.domain,
        record.instance,
        record.index,
    ]


def _aliases(published: PublishedDns) -> dict[str, JsonValue]:
    """Each alias with all that it means: several links may share one."""
    found: dict[str, list[JsonValue]] = {}
    for domain, definition in _definitions(published):
        found.setdefault(domain, []).append(definition)
    return dict(found)


def _definitions(published: PublishedDns) -> Iterator[tuple[str, JsonValue]]:
    for dns in published.deployments:
        for record in dns.aliases:
            alias = record.alias
            yield (
                alias.domain,
                {
                    "root_domain": dns.domain,
                    "group_id": dns_names.link_number(dns.deployment, record.link_group),
                    "health_filter": alias.health_filter,
                    "initial_health_check": alias.initial_health_check,
                    "placeholder_type": alias.placeholder_type,
                },
            )
