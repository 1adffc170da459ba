"""Managed networks of the cloud config against the environment's landing zones.

Takes a Session and what is resolved, gives what exists of them and what each consists of. Clouds are called only for a
cloud config that has some.
"""

from collections.abc import Iterator
from dataclasses import replace

from cpi.contract.errors import CloudError, ExplainedError
from cpi.contract.values import ManagedNetwork
from director.app.sessions import landing_specs, template_records
from director.app.sessions.session import Session
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.environments import managed_networks
from director.model.environments.desired import Desired, Subnet
from director.model.environments.managed_networks import ManagedNeed
from director.model.written.cloud_config import CloudConfig
from director.observe import created_networks
from director.resolve.request import ResolveRequest
from director.resolve.templates import network_properties


def with_ranges(session: Session, request: ResolveRequest) -> ResolveRequest:
    """The request with the ranges that managed networks have, or must not have."""
    if not _has_managed(request.cloud_config.document):
        return request
    clouds = session.world.clouds
    specs = {name: landing_specs.landing_spec(session, name) for name in clouds}
    without = {
        name: _no_landing(name, can_create=clouds[name].landing is not None)
        for name, spec in specs.items()
        if clouds[name].landing is None or (clouds[name].has_landing_zone and not spec.networks)
    }
    is_there = session.world.store.load_environment(request.environment) is not None
    found = created_networks.find_networks(session.world, request.environment) if is_there else {}
    return replace(
        request,
        managed_ranges=managed_networks.ranges_of(one for landed in found.values() for one in landed),
        landing_ranges=tuple(cidr for spec in specs.values() for cidr in spec.networks.values()),
        without_landing=without,
    )


def with_needs(session: Session, desired: Desired) -> Desired:
    """Desired with the resources of its managed networks. Raises InputError and Problems: what clouds refuse."""
    problems: list[ExplainedError] = []
    needs: list[ManagedNeed] = []
    used = desired.used_networks()
    for network in desired.networks:
        for subnet in network.subnets if network.name in used else ():
            try:
                needs.extend(_needs(session, desired, subnet) if subnet.managed else ())
            except CloudError as error:
                problems.append(InputError.of(error, where=network.where))
    raise_all(problems)
    return replace(desired, managed=tuple(needs)) if needs else desired


def _needs(session: Session, desired: Desired, subnet: Subnet) -> Iterator[ManagedNeed]:
    azs = [az for az in desired.azs if az.name in subnet.azs]
    clouds = {az.cloud: az.cloud_properties for az in reversed(azs)} or {next(iter(session.world.clouds)): {}}
    placed = managed_networks.placed(subnet.managed).items()
    own = {key: value for key, value in subnet.cloud_properties.items() if (key, value) not in placed}
    for cloud, properties in sorted(clouds.items()):
        landing = session.world.clouds[cloud].landing
        if landing is not None:
            if session.world.clouds[cloud].has_landing_zone:
                _require_parts(session, subnet, cloud)
            wanted = ManagedNetwork(
                name=subnet.managed,
                cidr=subnet.cidr,
                gateway=subnet.gateway,
                cloud_properties={**properties, **own},
                parts=subnet.parts,
            )
            yield ManagedNeed(cloud=cloud, name=subnet.managed, resources=landing.managed_network(wanted))


def _require_parts(session: Session, subnet: Subnet, cloud: str) -> None:
    """A part that no template adds would be waited for without end."""
    spec = landing_specs.landing_spec(session, cloud)
    records = template_records.records_in(session.world.configs.list_configs(session.settings.environment))
    for title, name, type_, specs in (
        ("route table", subnet.parts.route_table, network_properties.ROUTES, spec.route_tables),
        ("NAT gateway", subnet.parts.nat_gateway, network_properties.NAT, spec.nat_gateways),
    ):
        known = {one.name for one in specs} | {
            one.name for record in records for one in record.resources if one.type.lower() == type_.lower()
        }
        if name and name not in known:
            raise CloudError(
                "managed-network-part-unknown",
                f"A managed subnet names {title} '{name}', which does not exist.",
                why=f"Templates of the environment have {', '.join(sorted(known)) or 'none'}.",
                fix="Correct its cloud_properties, or deploy the template that has it first.",
            )


def _has_managed(config: CloudConfig) -> bool:
    return any(network.managed and network.type == "manual" for network in config.networks)


def _no_landing(name: str, *, can_create: bool) -> str:
    shown = cloud_names.shown_name(name)
    whose = f"cloud '{shown}'" if shown else "its cloud"
    if can_create:
        return f"The environment has no landing zone on {whose} (`networks` is empty), in which it would be created."
    return f"The plugin of {whose} creates no networks."
