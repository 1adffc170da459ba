"""Subnets, security groups and images by their names; each is looked up once.

Takes names, gives ids of AWS. Remembers what does not change while the landing zone stands.
"""

import threading
from collections.abc import Sequence

from cpi.clouds.aws.images import images
from cpi.clouds.aws.images.images import MachineImage
from cpi.clouds.aws.machines import networks
from cpi.clouds.aws.machines.networks import AwsSubnet, Card
from cpi.clouds.aws.wire import resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig, StemcellProperties, VmProperties
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import ENVIRONMENT_ITSELF, NetworkKind, NetworkSettings, OwnerQuery, VmRequest
from cpi.kit import judge
from cpi.kit import tags as owner_tags
from cpi.kit.judge import WantedInterface
from cpi.kit.network_interfaces import Interface, interfaces_of, subnets_differ

SUBNET = "subnet"
GROUP = "security_group"
DEFAULT_GROUP = "default"
PUBLIC_GROUP = "public"


class Lookups:
    """Safe to use from many threads: two may ask the same once too often, that is all."""

    def __init__(self, api: Api, config: AwsConfig, environment: str) -> None:
        self._api = api
        self.config = self._config = config
        self.environment = environment
        self._query = OwnerQuery(environment=environment, deployment=ENVIRONMENT_ITSELF)
        self._lock = threading.Lock()
        self._subnets: tuple[AwsSubnet, ...] = ()
        self._others: dict[str, AwsSubnet] = {}
        self._groups: dict[str, str] = {}
        self._images: dict[str, MachineImage] = {}

    def forget(self) -> None:
        """Ask again next time: something is not as it was."""
        with self._lock:
            self._subnets, self._others, self._groups = (), {}, {}

    def cards_of(self, request: VmRequest, properties: VmProperties) -> tuple[Card, ...]:
        """The interfaces of a VM to come.

        Raises: unknown-network, unknown-subnet, unknown-security-group, address-outside-network, address-reserved,
        zones-differ.
        """
        cards = tuple(
            self._card(interface, request, properties)
            for interface in interfaces_of(networks.private_networks(request))
        )
        zones = {card.subnet.zone for card in cards} | ({properties.availability_zone} - {""})
        if len(zones) > 1:
            raise CloudError(
                "zones-differ",
                f"VM '{request.name}' is in several availability zones: {', '.join(sorted(zones))}.",
                why="An instance is in the zone of its subnets, and availability_zone must be the same.",
                fix="Correct availability_zone, or the subnet, in the cloud config.",
            )
        return cards

    def image(self, cid: str) -> MachineImage:
        """An image by its id. Raises NotFoundError, code unknown-image."""
        if cid not in self._images:
            try:
                answer = list(self._api.list_all("DescribeImages", "Images", ImageIds=[cid]))
            except NotFoundError as error:
                raise _unknown_image(cid, self._config.region, error.why) from error
            if not answer:
                raise _unknown_image(cid, self._config.region, "AWS lists no such image.")
            self._images[cid] = images.read_image(answer[0])
        return self._images[cid]

    def find_image(self, properties: StemcellProperties, *, os: str, version: str) -> MachineImage:
        """The image a stemcell means. Raises NotFoundError: unknown-image, unknown-image, stemcell-not-in-region."""
        if properties.ami and self._config.region not in properties.ami:
            raise _not_in_region(properties, self._config.region)
        named = properties.ami.get(self._config.region) or properties.image_id
        if named:
            return self.image(named)
        if properties.ssm_parameter:
            return self.image(self._parameter(properties.ssm_parameter))
        maker = images.publisher_of(os, version, properties.architecture or self._config.architecture)
        try:
            return self.image(self._parameter(maker.parameter))
        except NotFoundError as error:
            found = self._newest_of(maker)
            if found is None:
                raise _unknown_image(f"{os} {version}", self._config.region, error.why) from error
            return found

    def _card(self, interface: Interface, request: VmRequest, properties: VmProperties) -> Card:
        subnet = self._subnet_of(interface, request, properties)
        for settings in interface.networks:
            networks.check_address(request.name, settings, subnet)
        asked = [networks.properties_of(settings, request).security_groups for settings in interface.networks]
        has_address = any(network.kind is NetworkKind.VIP for network in request.networks)
        own = tuple(dict.fromkeys(group for groups in asked for group in groups))
        written = properties.security_groups or own or self._config.default_security_groups
        groups = written or self._usual_groups(subnet, has_address=has_address)
        named = tuple(dict.fromkeys((*groups, *networks.public_groups(request))))
        return Card(interface=interface, subnet=subnet, groups=tuple(self._group(one, subnet.vpc) for one in named))

    def _subnet_of(self, interface: Interface, request: VmRequest, properties: VmProperties) -> AwsSubnet:
        """Where it is: a subnet that one of its networks names, else the landing zone's with its IPv4 address."""
        asked = [networks.properties_of(settings, request) for settings in interface.networks]
        named = {one.subnet for one in asked} - {""}
        if len(named) > 1:
            judge.require([subnets_differ(interface, named)])
        if named:
            return self._subnet(named.pop())
        main = interface.main
        network = networks.properties_of(main, request).network or main.name
        return self._landed(network, main, vm=request.name, zone=properties.availability_zone)

    def _usual_groups(self, subnet: AwsSubnet, *, has_address: bool) -> tuple[str, ...]:
        """The landing zone's own groups, in its own subnets; elsewhere what AWS takes by itself."""
        if not subnet.network:
            return ()
        return (DEFAULT_GROUP, PUBLIC_GROUP) if has_address else (DEFAULT_GROUP,)

    def _landed(self, network: str, settings: NetworkSettings, *, vm: str, zone: str) -> AwsSubnet:
        if not self._subnets:
            self._subnets = self._load_subnets()
        mine = [subnet for subnet in self._subnets if subnet.network == network]
        if not mine:
            known = {subnet.network for subnet in self._subnets}
            setting = "the cloud property `subnet`, or the network"
            raise judge.missing(
                judge.unknown_name("network", network, known, where="The landing zone", setting=setting)
            )
        found = networks.subnet_for(settings, mine, zone=zone)
        if found is None and settings.ip:
            wanted = WantedInterface(vm=vm, network=network, subnet=network, address=settings.ip)
            judge.require(judge.placed(wanted, networks.subnet_facts([one.cidr for one in mine])))
        if found is None:
            zones, where = {one.zone for one in mine}, f"Network '{network}'"
            raise judge.missing(judge.unknown_name("zone", zone, zones, where=where, setting="availability_zone"))
        return found

    def _load_subnets(self) -> tuple[AwsSubnet, ...]:
        wanted = filters(resource_tags.query_filters(self._query, SUBNET))
        answer = self._api.list_all("DescribeSubnets", "Subnets", Filters=wanted)
        return tuple(
            sorted((networks.read_subnet(one) for one in answer), key=lambda one: int(one.cidr.network_address))
        )

    def _subnet(self, cid: str) -> AwsSubnet:
        if cid not in self._others:
            try:
                answer: Sequence[AwsSubnet] = [
                    networks.read_subnet(one)
                    for one in self._api.list_all("DescribeSubnets", "Subnets", SubnetIds=[cid])
                ]
            except NotFoundError as error:
                where = f"Region {self._config.region}"
                found = judge.unknown_name("subnet", cid, (), where=where, setting="the cloud property `subnet`")
                raise judge.missing(found, why=error.why) from error
            self._others[cid] = answer[0]
        return self._others[cid]

    def _group(self, written: str, vpc: str) -> str:
        if written not in self._groups:
            self._groups.update(self._load_groups(vpc))
        known = [name for name, cid in self._groups.items() if written != name != cid]
        if written not in self._groups:
            where = "The subnet's VPC"
            raise judge.missing(
                judge.unknown_name("security group", written, known, where=where, setting="security_groups")
            )
        return self._groups[written]

    def _load_groups(self, vpc: str) -> dict[str, str]:
        """By name and by id; the landing zone's own come by our names for them, which "default" is one of."""
        answer = list(self._api.list_all("DescribeSecurityGroups", "SecurityGroups", Filters=filters({"vpc-id": vpc})))
        by_name = {str(one["GroupName"]): str(one["GroupId"]) for one in answer}
        for one in answer:
            tags = resource_tags.read_tags(one.get("Tags", ()))
            owner = owner_tags.read_owner(tags)
            if owner is not None and owner_tags.is_asked_for(owner, self._query):
                by_name[tags["compleat-name"]] = str(one["GroupId"])
        return by_name | {cid: cid for cid in by_name.values()}

    def _parameter(self, name: str) -> str:
        return str(self._api.read("ssm", "GetParameter", Name=name)["Parameter"]["Value"])

    def _newest_of(self, maker: images.Publisher) -> MachineImage | None:
        wanted = filters({"name": maker.name, "state": "available"})
        answer = images.newest(self._api.list_all("DescribeImages", "Images", Owners=[maker.owner], Filters=wanted))
        return images.read_image(answer) if answer else None


def _unknown_image(name: str, region: str, why: str) -> NotFoundError:
    setting = "default_os and default_version, or the stemcell's `ami`,"
    return judge.missing(judge.unknown_name("image", name, (), where=f"Region {region}", setting=setting), why=why)


def _not_in_region(properties: StemcellProperties, region: str) -> NotFoundError:
    return NotFoundError(
        "stemcell-not-in-region",
        f"The stemcell does not contain an AMI in region {region}.",
        why=f"Its `ami` has {', '.join(sorted(properties.ami))}.",
        fix=f"Use a stemcell with an AMI in {region}, copy the image there and name it, or choose another region.",
    )
