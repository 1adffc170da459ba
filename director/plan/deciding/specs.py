"""What templates of each instance see: BOSH's template spec, and links with the addresses of the plan.

Takes seats, gives an InstanceSpec for each. Source: cloudfoundry/bosh deployment_plan/instance_spec.rb, links/link.rb.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import NetworkSettings
from director.model.environments.desired import Desired, Job, Link, LinkSource
from director.model.environments.instance_spec import InstanceSpec
from director.model.secret_ref import Property
from director.plan.placing import network_interfaces
from director.plan.placing.placed_instances import PlacedInstance

DNS_DOMAIN = "bosh"


class Specs:
    """The specs of one plan's instances; a link's instances are gathered once for all that consume it."""

    def __init__(self, desired: Desired, seats: Iterable[PlacedInstance]) -> None:
        self._desired = desired
        self._seats: dict[str, list[PlacedInstance]] = {}
        self._links: dict[tuple[str, str], tuple[Property, str]] = {}
        self._of_groups: dict[str, Mapping[str, Mapping[str, Property]]] = {}
        for seat in seats:
            self._seats.setdefault(seat.group.name, []).append(seat)

    def spec_of(self, seat: PlacedInstance) -> InstanceSpec:
        """The spec of one instance."""
        return InstanceSpec(
            jobs=seat.group.jobs,
            spec=_template_spec(self._desired, seat),
            links=self._links_of_group(seat),
        )

    def _links_of_group(self, seat: PlacedInstance) -> Mapping[str, Mapping[str, Property]]:
        name = seat.group.name
        if name not in self._of_groups:
            self._of_groups[name] = {job.name: self._links_of(job) for job in seat.group.jobs}
        return self._of_groups[name]

    def _links_of(self, job: Job) -> Mapping[str, Property]:
        return {link.name: self._link(link) for link in job.links}

    def _link(self, link: Link) -> Property:
        source = link.source
        if not source.group:
            return _manual(link)
        instances, address = self._provided(source)
        return {
            "instances": instances,
            "properties": link.properties,
            "address": address,
            "deployment": self._desired.deployment,
            "group": source.group,
        }

    def _provided(self, source: LinkSource) -> tuple[Property, str]:
        key = (source.group, source.network)
        if key not in self._links:
            seats = sorted(self._seats.get(source.group, ()), key=lambda seat: seat.record.index)
            instances = [_link_instance(seat, source.network) for seat in seats]
            first = _address(seats[0].networks, source.network) if seats else ""
            self._links[key] = (instances, first)
        return self._links[key]


def _manual(link: Link) -> Property:
    source = link.source
    instances: list[Property] = [
        {"name": None, "id": None, "index": None, "az": None, "address": address, "bootstrap": None}
        for address in source.manual_instances
    ]
    return {
        "instances": instances,
        "properties": link.properties,
        "address": source.manual_address,
        "deployment": "",
        "group": "",
    }


def _link_instance(seat: PlacedInstance, network: str) -> Property:
    record = seat.record
    return {
        "name": record.group,
        "id": record.id,
        "index": record.index,
        "az": record.az,
        "address": _address(seat.networks, network),
        "bootstrap": record.is_bootstrap,
    }


def _template_spec(desired: Desired, seat: PlacedInstance) -> Mapping[str, Property]:
    record, group = seat.record, seat.group
    address = _address(seat.networks, "")
    templates: list[Property] = [{"name": job.name, "version": job.source.fingerprint} for job in group.jobs]
    return {
        "deployment": desired.deployment,
        "name": group.name,
        "index": record.index,
        "bootstrap": record.is_bootstrap,
        "id": record.id,
        "az": record.az,
        "address": address,
        "ip": address,
        "networks": {net.name: _network(net) for net in seat.networks},
        "persistent_disk": group.disk.size_mib if group.disk else 0,
        "dns_domain_name": DNS_DOMAIN,
        "job": {"name": group.name, "templates": templates},
    }


def _network(net: NetworkSettings) -> Property:
    return {
        "type": net.kind.value,
        "ip": net.ip,
        "netmask": network_interfaces.netmask_of(net),
        "gateway": net.gateway,
        "dns": list(net.dns),
        "default": list(net.defaults),
        "cloud_properties": net.cloud_properties,
    }


def _address(settings: Sequence[NetworkSettings], network: str) -> str:
    name = network or network_interfaces.addressable(settings)
    return next((net.ip for net in settings if net.name == name), "")
