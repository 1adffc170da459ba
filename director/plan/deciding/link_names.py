"""Names in links: what an instance is called there, and the numbers that names in the short form hold.

Takes Desired and the sources of links, gives names and numbers. Source: cloudfoundry/bosh links/link.rb,
dns/dns_name_generator.rb.
"""

from collections.abc import Iterator

from director.model import dns_names, erb
from director.model.dns_names import Whereabouts
from director.model.environments import instance_spec
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Desired, LinkedInstance, LinkSource
from director.model.erb import DnsNumbers
from director.model.secret_ref import Property


def instance_name(instance: str, place: Whereabouts, features: DnsFeatures, *, link: str = "") -> str:
    """An instance's name. `link` is the link group by which it is known to a consumer, "" for its own group."""
    if not features.is_short:
        return dns_names.long_name(instance, place)
    parts = (f"m{dns_names.instance_number(instance)}", f"n{dns_names.network_number(place.network)}")
    if features.is_by_link and link:
        group = dns_names.link_number(place.deployment, link)
    else:
        group = dns_names.group_number(place.deployment, place.group)
    return dns_names.short_name(dns_names.query(others=parts), group, place.domain)


def network_of(source: LinkSource, desired: Desired) -> str:
    """The network of the link: the consumer's choice, else the default of the group that provides it."""
    group = desired.group(source.group)
    if source.network or group is None:
        return source.network
    return instance_spec.addressable(group.networks)


def shared_instances(source: LinkSource, network: str, *, group_name: str) -> Property:
    """The instances of another deployment, as its last deploy left them."""
    place = Whereabouts(
        group=source.group, network=network, deployment=source.deployment or "", domain=source.dns.domain
    )
    instances: list[Property] = []
    for each in source.instances:
        is_by_name = each.id and (source.dns.is_by_name or not each.address)
        address = instance_name(each.id or "", place, source.dns, link=group_name) if is_by_name else each.address
        instances.append({**fields_of(each), "address": address})
    return instances


def fields_of(each: LinkedInstance) -> dict[str, Property]:
    """What templates see of an instance that is known before the plan."""
    return {
        "name": each.name,
        "id": each.id,
        "index": each.index,
        "az": each.az,
        "address": each.address,
        "bootstrap": each.is_bootstrap,
    }


def numbers_of(desired: Desired) -> DnsNumbers:
    """The numbers of all that the names of one deployment's templates can mean."""
    jobs = [job for group in desired.groups for job in group.jobs]
    consumed = [
        (link.source, link.type) for job in jobs for link in job.links if link.source.group and not link.source.is_disk
    ]
    networks = {network.name for network in desired.networks} | {source.network for source, _ in consumed}
    provided = {dns_names.link_group_name(link.alias, link.type) for job in jobs for link in job.provides}
    return DnsNumbers(
        azs={az.name: dns_names.az_number(az.name) for az in desired.azs},
        link_groups={name: dns_names.link_number(desired.deployment, name) for name in sorted(provided)},
        networks={name: dns_names.network_number(name) for name in sorted(networks - {""})},
        groups=dict(_groups(desired, consumed)),
    )


def _groups(desired: Desired, consumed: list[tuple[LinkSource, str]]) -> Iterator[tuple[str, str]]:
    for source, kind in consumed:
        deployment = source.deployment or desired.deployment
        name = dns_names.link_group_name(source.alias, kind)
        yield (
            erb.group_key(deployment, "instance-group", source.group),
            dns_names.group_number(deployment, source.group),
        )
        yield erb.group_key(deployment, "link", name), dns_names.link_number(deployment, name)
