"""A template's resources as documents that exist already, so that all after them is as for manifests.

Takes resources and what is known of the environment, gives a manifest, a cloud config, public addresses and steps; all
problems at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.landing_parts import JoinedParts
from director.model.environments import managed_networks
from director.model.template_parts import TemplateParts
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import (
    address_users,
    documents,
    front_ends,
    image_properties,
    images,
    load_balancers,
    machines,
    network_properties,
    networks,
    own_parts,
    pieces,
    property_checks,
    property_table,
    routing,
    security_rules,
    steps,
    storage_accounts,
    storage_properties,
)
from director.resolve.templates.front_ends import FrontEnd
from director.resolve.templates.images import TemplateImage
from director.resolve.templates.interfaces import Index
from director.resolve.templates.machines import Machine
from director.resolve.templates.networks import TemplateSubnet
from director.resolve.templates.pieces import PartPlaces, body_of
from director.resolve.templates.request import Translation, TranslationRequest, VmGroup


def translate(request: TranslationRequest) -> Translation:
    """Raises InputError and Problems: everything of the template that compleat does not make."""
    found = Findings()
    resources = request.resources
    _check_each(resources, found)
    subnets = networks.read_subnets(resources, request.landing_ranges, found)
    of_subnets = routing.parts_of(subnets, resources, found)
    fronts = front_ends.read_front_ends(resources, subnets, found)
    subnets = {
        id_: replace(one, parts=of_subnets[id_], fronts=front_ends.addresses_in(id_, fronts))
        for id_, one in subnets.items()
    }
    address_users.check_addresses(resources, found)
    made = images.read_images(resources, request.known_images, request.taken(image_properties.IMAGE), found=found)
    vms = machines.read_machines(resources, _index(resources, subnets, made), request.azs, found=found)
    has_vms = bool(vms) or request.is_deployed
    address_users.check_nat_rules([(vm.resource, vm.interfaces) for vm in vms], found)
    parts = replace(
        _parts(request, subnets, fronts, found=found),
        images=tuple(one.spec for one in made.values()),
        source_places=images.source_places_of(made),
    )
    joined = [_joined(vm, request, found) for vm in vms]
    public_names = _public_names(request, found)
    ordered = steps.read_steps(resources, has_vms=has_vms, found=found)
    found.raise_if_any()
    if not request.has_arm_sizes:
        _remark_sizes(vms, found)
    return Translation(
        manifest=documents.describe_manifest(request, vms) if has_vms else None,
        cloud_config=documents.describe_cloud_config(request, vms, subnets),
        public_names=public_names,
        steps=ordered,
        groups=tuple(map(_group, vms, joined)),
        parts=parts,
        part_places={**_places(resources), **images.places_of(made)},
        remarks=tuple(dict.fromkeys(found.remarks)),
    )


def _check_each(resources: Sequence[TemplateResource], found: Findings) -> None:
    """What is wrong with a resource by itself, and a part without its parent."""
    for resource in resources:
        property_checks.check_resource(resource, found)
    own_parts.check_parents(resources, found)


def _group(vm: Machine, joined: JoinedParts) -> VmGroup:
    return VmGroup(resource=vm.resource, interfaces=vm.interfaces, joined=joined)


def _index(
    resources: Sequence[TemplateResource], subnets: Mapping[str, TemplateSubnet], made: Mapping[str, TemplateImage]
) -> Index:
    return Index(
        resources={one.key: one for one in resources},
        subnets=subnets,
        pools=load_balancers.pools_of(resources),
        nat_rules=load_balancers.nat_rules_of(resources),
        images={key: one.spec for key, one in made.items()},
    )


def _parts(
    request: TranslationRequest,
    subnets: Mapping[str, TemplateSubnet],
    fronts: Mapping[str, FrontEnd],
    *,
    found: Findings,
) -> TemplateParts:
    """What the template adds to the landing zone."""
    resources = request.resources
    return TemplateParts(
        created_networks={routing.landed_name(one): str(one.cidr) for one in subnets.values()},
        network_parts=routing.network_parts(subnets),
        route_tables=routing.read_tables(resources, request.taken(network_properties.ROUTES), found=found),
        nat_gateways=routing.read_gateways(resources, request.taken(network_properties.NAT), found=found),
        security_groups=security_rules.read_groups(resources, request.taken(network_properties.GROUP), found=found),
        load_balancers=load_balancers.read_balancers(
            resources, request.taken(network_properties.BALANCER), fronts, found=found
        ),
        storage_accounts=storage_accounts.read_accounts(
            resources, request.taken(storage_properties.ACCOUNT), found=found
        ),
    )


def _places(resources: Sequence[TemplateResource]) -> PartPlaces:
    return {
        **routing.places_of(resources),
        **security_rules.places_of(resources),
        **load_balancers.places_of(resources),
        **storage_accounts.places_of(resources),
    }


def _joined(vm: Machine, request: TranslationRequest, found: Findings) -> JoinedParts:
    """The parts of the landing zone that a VM joins; it has one security group."""
    names = list(dict.fromkeys(one.group for one in vm.interfaces))
    if len(names) > 1:
        body_of(vm.resource).report_here(
            pieces.INVALID,
            "its interfaces have different security groups.",
            found=found,
            why="compleat gives a VM one group.",
            fix="Write the rules into one group, and name it in each interface.",
        )
    network = vm.interfaces[0].subnet.network if vm.interfaces else ""
    return JoinedParts(
        network=managed_networks.landing_name(network, "subnet"),
        has_public_address=any(one.public for one in vm.interfaces),
        forwards=_is_forwarding(vm, found),
        security_group=names[0] if names else "",
        load_balancers=tuple(dict.fromkeys(name for one in vm.interfaces for name in one.balancers)),
        nat_rules=tuple(dict.fromkeys(name for one in vm.interfaces for name in one.nat_rules)),
        az_properties=request.az_properties.get(vm.az, {}),
    )


def _is_forwarding(vm: Machine, found: Findings) -> bool:
    """All interfaces of a VM forward, or none does: clouds have it as a property of the VM."""
    written = {one.forwards for one in vm.interfaces}
    if len(written) > 1:
        body_of(vm.resource).report_here(
            pieces.INVALID,
            "some of its interfaces have enableIPForwarding, and others do not.",
            found=found,
            why="compleat lets all interfaces of a VM forward traffic, or none.",
            fix="Write it in each interface.",
        )
    return True in written


def _public_names(request: TranslationRequest, found: Findings) -> tuple[str, ...]:
    addresses = [one for one in request.resources if property_table.type_of(one.type) == network_properties.ADDRESS]
    for one in addresses:
        if one.name in request.public_names:
            _report_taken(one, found)
    return tuple(one.name for one in addresses)


def _report_taken(resource: TemplateResource, found: Findings) -> None:
    body_of(resource).report_here(
        "template-name-taken",
        f"the environment has a public address '{resource.name}' already.",
        found=found,
        why="`public_names` of its file reserves it.",
        fix="Rename the resource.",
    )


def _remark_sizes(vms: tuple[Machine, ...], found: Findings) -> None:
    for vm in vms:
        if vm.size is not None:
            piece = body_of(vm.resource).at("properties", "hardwareProfile", "vmSize")
            cores = f"{vm.size.cores} core{'' if vm.size.cores == 1 else 's'}"
            text = f"{vm.resource.title}: {vm.size.name} is {cores} and {vm.size.ram_mib} MiB of memory; "
            text += "the cloud's cheapest VM with at least so much is used."
            found.remark("template-size-matched", text, where=piece.where)
