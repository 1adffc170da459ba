"""The DNS records of a deployment as planned, and whether VMs have to be sent them beside the instances that change.

Takes Desired and targets, gives DeploymentDns. Source: cloudfoundry/bosh dns/local_dns_records_repo.rb,
dns/local_dns_aliases_repo.rb.
"""

from collections.abc import Iterable
from dataclasses import replace

from director.model import dns_names
from director.model.environments.deployment_dns import AliasRecord, DeploymentDns, InstanceDnsRecord
from director.model.environments.desired import Desired, Group, Lifecycle
from director.model.environments.observed import Observed
from director.model.environments.state import DesiredPower
from director.plan.deciding.targets import Target


def deployment_dns(desired: Desired, targets: Iterable[Target]) -> DeploymentDns:
    """A record for each instance and network. An instance that is to have no VM has none, nor has an errand's, which
    comes and goes without a deploy."""
    return DeploymentDns(
        deployment=desired.deployment,
        domain=desired.dns.domain,
        records=tuple(
            InstanceDnsRecord(
                instance=target.record.id,
                index=target.record.index,
                group=target.group.name,
                network=net.name,
                ip=net.ip or "",
                az=target.record.az,
                link_groups=_link_groups(target.group),
            )
            for target in targets
            if target.wanted is not DesiredPower.DETACHED and target.group.lifecycle is Lifecycle.SERVICE
            for net in target.machine.networks
        ),
        aliases=tuple(
            AliasRecord(alias=alias, link_group=dns_names.link_group_name(link.alias, link.type))
            for group in desired.groups
            for job in group.jobs
            for link in job.provides
            for alias in link.aliases
        ),
    )


def needs_publishing(dns: DeploymentDns, observed: Observed, *, is_changing: bool, has_others: bool) -> bool:
    """Whether the records are other than those that were sent, and somebody has them who does not change.

    `has_others`: the deployment has instances that keep what they have. An address that is yet to be chosen is known
    only afterwards. Of records that were never published nothing is known: then any change publishes.
    """
    if not has_others and not observed.has_other_vms:
        return any(not record.ip for record in dns.records) and is_changing
    published = observed.dns
    if published is None:
        return is_changing
    return published.dns != _known(dns, observed) or not published.is_sent


def _known(dns: DeploymentDns, observed: Observed) -> DeploymentDns:
    """The same with the addresses that clouds chose for VMs that are there."""
    vms = {record.id: record.vm for record in observed.state.instances if record.vm}
    chosen = {(instance, net.name): net.ip or "" for instance, vm in vms.items() for net in vm.networks}
    records = (
        record if record.ip else replace(record, ip=chosen.get((record.instance, record.network), ""))
        for record in dns.records
    )
    return replace(dns, records=tuple(records))


def _link_groups(group: Group) -> tuple[str, ...]:
    names = {dns_names.link_group_name(link.alias, link.type) for job in group.jobs for link in job.provides}
    return tuple(sorted(names))
