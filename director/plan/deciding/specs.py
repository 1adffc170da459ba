"""What templates of each instance see: BOSH's template spec, and links with the addresses of the plan.

Takes placed instances, gives an InstanceSpec for each.
Source: cloudfoundry/bosh deployment_plan/instance_spec.rb, links/link.rb.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import NetworkKind, NetworkSettings
from director.model.environments import instance_spec
from director.model.environments.desired import Desired, Job, Link, LinkSource
from director.model.environments.instance_spec import InstanceSpec
from director.model.secret_ref import Property
from director.plan.placing.placed_instances import PlacedInstance

DNS_DOMAIN = "bosh"
_ALL_HEALTHY = "q-s0"
"""The query that the name of a whole group begins with."""


class Specs:
    """The specs of one plan's instances; a link's instances are gathered once for all that consume it."""

    def __init__(self, desired: Desired, placed: Iterable[PlacedInstance]) -> None:
        self._desired = desired
        self._placed: dict[str, list[PlacedInstance]] = {}
        self._links: dict[tuple[str, str], tuple[Property, str]] = {}
        self._of_groups: dict[str, Mapping[str, Mapping[str, Property]]] = {}
        for placed_instance in placed:
            self._placed.setdefault(placed_instance.group.name, []).append(placed_instance)

    def spec_of(self, placed_instance: PlacedInstance) -> InstanceSpec:
        """The spec of one instance."""
        return InstanceSpec(
            jobs=placed_instance.group.jobs,
            spec=_template_spec(self._desired, placed_instance),
            links=self._links_of_group(placed_instance),
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
        if source.deployment is not None or not source.group:
            return _written_link(link)
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
            placed = sorted(
                self._placed.get(source.group, ()), key=lambda placed_instance: placed_instance.record.index
            )
            instances = [self._link_instance(placed_instance, source.network) for placed_instance in placed]
            first = self._group_address(placed[0], source.network) if placed else ""
            self._links[key] = (instances, first)
        return self._links[key]

    def _link_instance(self, placed_instance: PlacedInstance, network: str) -> Property:
        record = placed_instance.record
        return {
            "name": record.group,
            "id": record.id,
            "index": record.index,
            "az": record.az or "",
            "address": _reached_at(self._desired.deployment, placed_instance, network, first=record.id),
            "bootstrap": record.is_bootstrap,
        }

    def _group_address(self, placed_instance: PlacedInstance, network: str) -> str:
        """The address of a link: that of its first instance, or the DNS name of all on a dynamic network."""
        return _reached_at(self._desired.deployment, placed_instance, network, first=_ALL_HEALTHY)


def _written_link(link: Link) -> Property:
    """A link whose instances are known before the plan: of another deployment, or written in the manifest."""
    source = link.source
    first = source.instances[0].address if source.deployment and source.instances else ""
    instances: list[Property] = [
        {
            "name": each.name,
            "id": each.id,
            "index": each.index,
            "az": each.az,
            "address": each.address,
            "bootstrap": each.is_bootstrap,
        }
        for each in source.instances
    ]
    return {
        "instances": instances,
        "properties": link.properties,
        "address": source.manual_address or first,
        "deployment": source.deployment or "",
        "group": source.group,
    }


def _template_spec(desired: Desired, placed_instance: PlacedInstance) -> Mapping[str, Property]:
    record, group = placed_instance.record, placed_instance.group
    address = _reached_at(desired.deployment, placed_instance, "", first=record.id)
    templates: list[Property] = [{"name": job.name, "version": job.source.fingerprint} for job in group.jobs]
    return {
        "deployment": desired.deployment,
        "name": group.name,
        "index": record.index,
        "bootstrap": record.is_bootstrap,
        "id": record.id,
        "az": record.az or "",
        "address": address,
        "ip": instance_spec.shown_address(_network_named(placed_instance.networks, "")),
        "networks": {net.name: instance_spec.network_facts(net) for net in placed_instance.networks},
        "persistent_disk": group.disk.size_mib if group.disk else 0,
        "dns_domain_name": DNS_DOMAIN,
        "job": {"name": group.name, "templates": templates},
    }


def _network_named(settings: Sequence[NetworkSettings], network: str) -> NetworkSettings | None:
    name = network or instance_spec.addressable(settings)
    return next((net for net in settings if net.name == name), None)


def _reached_at(deployment: str, placed_instance: PlacedInstance, network: str, *, first: str) -> str:
    """The address there; on a dynamic network the DNS name that begins with `first`, as in BOSH."""
    net = _network_named(placed_instance.networks, network)
    if net is None or net.kind is not NetworkKind.DYNAMIC:
        return net.ip if net else ""
    words = (_label(word) for word in (placed_instance.record.group, net.name, deployment))
    return ".".join((first, *words, DNS_DOMAIN))


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", name.lower().replace("_", "-"))
