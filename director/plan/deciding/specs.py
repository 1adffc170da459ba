"""What templates of each instance see: BOSH's template spec, and links with the addresses of the plan.

Takes placed instances, gives an InstanceSpec for each.
Source: cloudfoundry/bosh deployment_plan/instance_spec.rb, links/link.rb.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cpi.contract.values import NetworkKind, NetworkSettings
from director.model import dns_names
from director.model.dns_names import Whereabouts
from director.model.environments import instance_spec
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Desired, Group, Job, Link, LinkSource
from director.model.environments.instance_spec import InstanceSpec
from director.model.secret_ref import Property
from director.plan.deciding import link_names
from director.plan.placing.placed_instances import PlacedInstance


class Specs:
    """The specs of one plan's instances; a link's instances are gathered once for all that consume it."""

    def __init__(self, desired: Desired, placed: Iterable[PlacedInstance]) -> None:
        self._desired = desired
        self._placed: dict[str, list[PlacedInstance]] = {}
        self._instances: dict[tuple[str, str, str, DnsFeatures], Property] = {}
        self._of_groups: dict[str, Mapping[str, Mapping[str, Property]]] = {}
        self._numbers = link_names.numbers_of(desired)
        for placed_instance in placed:
            self._placed.setdefault(placed_instance.group.name, []).append(placed_instance)

    def spec_of(self, placed_instance: PlacedInstance) -> InstanceSpec:
        """The spec of one instance."""
        return InstanceSpec(
            jobs=placed_instance.group.jobs,
            spec=_template_spec(self._desired, placed_instance),
            links=self._links_of_group(placed_instance),
            dns=self._numbers,
        )

    def _links_of_group(self, placed_instance: PlacedInstance) -> Mapping[str, Mapping[str, Property]]:
        name = placed_instance.group.name
        if name not in self._of_groups:
            self._of_groups[name] = {job.name: self._links_of(job) for job in placed_instance.group.jobs}
        return self._of_groups[name]

    def _links_of(self, job: Job) -> Mapping[str, Property]:
        return {link.name: self._link(link) for link in job.links}

    def _link(self, link: Link) -> Property:
        source = link.source
        if source.is_disk:
            return _disk_link(link, self._desired.deployment)
        if not source.group:
            return _written_link(link, self._desired.deployment)
        network = link_names.network_of(source, self._desired)
        group_name = dns_names.link_group_name(source.alias, link.type)
        return {
            "instances": self._provided(source, network, group_name=group_name),
            "properties": link.properties,
            "instance_group": source.group,
            "default_network": network,
            "deployment_name": source.deployment or self._desired.deployment,
            "domain": source.dns.domain,
            "group_name": group_name,
            "use_short_dns_addresses": source.dns.is_short,
            "use_link_dns_names": source.dns.is_by_link,
        }

    def _provided(self, source: LinkSource, network: str, *, group_name: str) -> Property:
        if source.deployment is not None:
            return link_names.shared_instances(source, network, group_name=group_name)
        key = (source.group, network, group_name, source.dns)
        if key not in self._instances:
            placed = sorted(self._placed.get(source.group, ()), key=lambda one: one.record.index)
            instances: list[Property] = [
                self._link_instance(one, source, network, group_name=group_name) for one in placed
            ]
            self._instances[key] = instances
        return self._instances[key]

    def _link_instance(
        self, placed_instance: PlacedInstance, source: LinkSource, network: str, *, group_name: str
    ) -> Property:
        record = placed_instance.record
        place = Whereabouts(
            group=source.group, network=network, deployment=self._desired.deployment, domain=source.dns.domain
        )
        return {
            "name": record.group,
            "id": record.id,
            "index": record.index,
            "az": record.az or "",
            "address": _address(placed_instance, place, source.dns, link=group_name),
            "bootstrap": record.is_bootstrap,
        }


def _written_link(link: Link, deployment: str) -> Property:
    """A link that is written in the manifest."""
    instances: list[Property] = [link_names.fields_of(each) for each in link.source.instances]
    return {
        "instances": instances,
        "properties": link.properties,
        "address": link.source.manual_address,
        "deployment_name": deployment,
    }


def _disk_link(link: Link, deployment: str) -> Property:
    """A link to a disk: BOSH's has no instances, and only the disk's name as its property."""
    return {
        "instances": [],
        "networks": [],
        "properties": link.properties,
        "address": "",
        "deployment_name": deployment,
    }


def _template_spec(desired: Desired, placed_instance: PlacedInstance) -> Mapping[str, Property]:
    record, group = placed_instance.record, placed_instance.group
    network = instance_spec.addressable(placed_instance.networks)
    place = Whereabouts(group=group.name, network=network, deployment=desired.deployment, domain=desired.dns.domain)
    templates: list[Property] = [{"name": job.name, "version": job.source.fingerprint} for job in group.jobs]
    return {
        "deployment": desired.deployment,
        "name": group.name,
        "index": record.index,
        "bootstrap": record.is_bootstrap,
        "id": record.id,
        "az": record.az or "",
        "address": _address(placed_instance, place, desired.dns),
        "ip": instance_spec.shown_address(_network_named(placed_instance, network)),
        "networks": {net.name: _network(net, record.index, place) for net in placed_instance.networks},
        **_disk_size(group),
        "dns_domain_name": desired.dns.domain,
        "job": {"name": group.name, "templates": templates},
    }


def _disk_size(group: Group) -> Mapping[str, Property]:
    """Of the disk on the store; as in BOSH, instances with named disks have no such key."""
    return {} if group.named_disks else {"persistent_disk": group.disk.size_mib if group.disk else 0}


def _network(net: NetworkSettings, index: int, place: Whereabouts) -> Property:
    name = dns_names.long_name(str(index), replace(place, network=net.name))
    return {**instance_spec.network_facts(net), "dns_record_name": name}


def _network_named(placed_instance: PlacedInstance, network: str) -> NetworkSettings | None:
    return next((net for net in placed_instance.networks if net.name == network), None)


def _address(placed_instance: PlacedInstance, place: Whereabouts, features: DnsFeatures, *, link: str = "") -> str:
    """An instance's address on a network: its name where names are wanted, or where its cloud chooses the address."""
    net = _network_named(placed_instance, place.network)
    if net is None:
        return ""
    if not features.is_by_name and net.kind is not NetworkKind.DYNAMIC:
        return net.ip or ""
    return link_names.instance_name(placed_instance.record.id, place, features, link=link)
