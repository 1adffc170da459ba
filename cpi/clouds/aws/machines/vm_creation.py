"""How a VM is born: its interfaces found, run once by its token, its public address put on it.

Takes requests, gives VmCreated. After an interruption the same request continues.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.machines import block_device_mappings, instance_profiles, networks, traffic_entries, vms
from cpi.clouds.aws.machines.attachments import Attachments
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.machines.traffic_entries import Registrar
from cpi.clouds.aws.machines.vms import VmParts
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig, VmProperties
from cpi.clouds.aws.wire.recently_created import RecentlyCreated
from cpi.contract.errors import (
    CloudError,
    ConflictError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    TransientError,
)
from cpi.contract.values import OwnerKey, VmCid, VmCreated, VmRequest
from cpi.kit import judge, network_interfaces
from cpi.kit import tags as owner_tags

CloudAnswer = Mapping[str, Any]


class VmCreation:
    def __init__(self, api: Api, config: AwsConfig, *, places: Lookups, recently_created: RecentlyCreated) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._recently_created = recently_created
        self._attachments = Attachments(api, recently_created)
        self._registrar = Registrar(api)

    def create(self, request: VmRequest) -> VmCreated:
        """One call for a VM without a public address, three with one; one more for each load balancer and route."""
        parts = self._plan(request)
        wanted = traffic_entries.of_properties(parts.properties)
        self._registrar.require(wanted)
        address = self._public_address(request)
        answer = self._run(request, parts)
        ended = vms.launch_failure(answer, request.name)
        if ended is not None:
            raise ended
        cid = str(answer["InstanceId"])
        self._recently_created.made(cid)
        if not parts.properties.source_dest_check:
            self._route(answer)
        if address is not None and address.get("InstanceId") != cid:
            self._associate(cid, str(address["AllocationId"]))
        self._registrar.enter(answer, wanted)
        created = vms.read_created(answer)
        return replace(created, networks=_with_public(request, created))

    def prepare_end(self, cid: VmCid) -> None:
        """Before an instance is terminated: nothing beside EC2 leads to it any more. Absent is success."""
        try:
            answer = self._attachments.record(cid)
        except NotFoundError:
            return
        if vms.is_alive(answer):
            self._registrar.remove(answer)

    def find(self, owner: OwnerKey) -> CloudAnswer | None:
        """The living instance that one action made."""
        wanted: sdk.Filters = {**resource_tags.owner_filters(owner, names.VM), "instance-state-name": vms.LIVING}
        return next(self._list(Filters=filters(wanted)), None)

    def _list(self, **parameters: Any) -> Any:
        for reservation in self._api.list_all("DescribeInstances", "Reservations", **parameters):
            yield from reservation["Instances"]

    def _plan(self, request: VmRequest) -> VmParts:
        properties = vms.read_vm_properties(request, self._config)
        judge.require(network_interfaces.findings([request], networks.INTERFACES))
        self._require_storage(request, properties)
        image = self._places.image(stemcells.image_of(request.stemcell_cid))
        cards = self._places.cards_of(request, properties)
        self._require_same_zone(request, cards[0].subnet.zone)
        return VmParts(properties=properties, image=image, cards=cards)

    def _require_same_zone(self, request: VmRequest, zone: str) -> None:
        """The disks that the VM is for. Raises CloudError, code disk-in-other-zone."""
        for cid in request.disk_cids:
            held = self._attachments.volume(cid)["AvailabilityZone"]
            if held != zone:
                raise CloudError(
                    "disk-in-other-zone",
                    f"Disk {cid} is in zone {held}, but VM '{request.name}' would be in {zone}.",
                    why="AWS attaches disks only within their zone.",
                    fix=f"Use an availability zone in {held} for the instance, or a new disk.",
                )

    def _require_storage(self, request: VmRequest, properties: VmProperties) -> None:
        """Raises CloudError, code instance-storage-missing."""
        if properties.ephemeral_disk is None or not properties.ephemeral_disk.use_instance_storage:
            return
        wanted = filters({"instance-type": properties.instance_type})
        for answer in self._api.list_all("DescribeInstanceTypes", "InstanceTypes", Filters=wanted):
            block_device_mappings.require_instance_storage(request.name, properties, answer)

    def _run(self, request: VmRequest, parts: VmParts) -> CloudAnswer:
        asked = vms.write_vm(request, parts, self._config)
        try:
            return self._send(asked)
        except NoCapacityError:
            without_bid = vms.spot_refused(parts.properties)
            if without_bid is None:
                raise
            again = vms.write_vm(request, replace(parts, properties=without_bid), self._config)
            other = replace(request.owner, action=f"{request.owner.action}\0on demand")
            return self._send({**again, "ClientToken": names.token_of(other)})
        except ConflictError as error:
            return self._settle_conflict(request, parts, error)
        except NotFoundError:
            self._places.forget()
            raise

    def _send(self, asked: Mapping[str, Any]) -> CloudAnswer:
        profile = asked.get("IamInstanceProfile", {})
        try:
            answer: CloudAnswer = self._api.change("ec2", "RunInstances", **asked)["Instances"][0]
        except CloudError as error:
            named = str(profile.get("Arn") or profile.get("Name") or "")
            if not named:
                raise
            raise instance_profiles.retry_if_new(self._api, named, error) from error.__cause__
        return answer

    def _settle_conflict(self, request: VmRequest, parts: VmParts, error: ConflictError) -> CloudAnswer:
        """Ours already, under a token AWS no longer takes for the same; or someone else's address."""
        code = sdk.code_of(error)
        if code not in ("IdempotentParameterMismatch", "InvalidIPAddress.InUse"):
            raise error
        own = self.find(request.owner)
        if own is not None:
            return own
        if code == "InvalidIPAddress.InUse":
            raise self._address_taken(parts, error) from error
        raise error

    def _address_taken(self, parts: VmParts, error: ConflictError) -> CloudError:
        for card in parts.cards:
            wanted = filters({"subnet-id": card.subnet.id, "private-ip-address": card.settings.ip or ""})
            held = list(self._api.list_all("DescribeNetworkInterfaces", "NetworkInterfaces", Filters=wanted))
            for interface in held:
                holder = interface.get("Attachment", {}).get("InstanceId", "")
                if holder and not self._is_alive(holder):
                    return _not_free_yet(card.settings.ip or "", holder)
                who = f"instance {holder}" if holder else f"network interface {interface['NetworkInterfaceId']}"
                return ConflictError(
                    "address-taken",
                    f"The address {card.settings.ip} is in use by another VM.",
                    why=f"It belongs to {who}.",
                    fix="Choose another address in the manifest or cloud config, or delete the resource that has it.",
                )
        return _not_free_yet(parts.cards[0].settings.ip or "", error.why)

    def _is_alive(self, cid: str) -> bool:
        try:
            return any(vms.is_alive(one) for one in self._list(InstanceIds=[cid]))
        except NotFoundError:
            return False

    def _public_address(self, request: VmRequest) -> CloudAnswer | None:
        """The Elastic IP to put on it. Raises unknown-public-address, address-taken."""
        wanted = networks.public_networks(request)
        if not wanted:
            return None
        if len(wanted) > 1:
            raise NotSupportedError("too-many-public-addresses", f"VM '{request.name}' requests {len(wanted)} of them.")
        address = wanted[0].ip or ""
        try:
            answer: CloudAnswer = self._api.read("ec2", "DescribeAddresses", PublicIps=[address])["Addresses"][0]
        except NotFoundError as error:
            raise judge.unknown_public_address(address, (), cloud="AWS") from error
        holder = str(answer.get("InstanceId") or answer.get("NetworkInterfaceId") or "")
        if holder and not self._is_held_by(holder, request.owner):
            raise ConflictError(
                "address-taken",
                f"The public address {address} is in use by another VM.",
                why=f"It is assigned to {holder}.",
                fix="Choose another address, or delete the resource that has it.",
            )
        return answer

    def _is_held_by(self, holder: str, owner: OwnerKey) -> bool:
        if not names.is_cid(holder, "i"):
            return False
        for answer in self._list(InstanceIds=[holder]):
            if not vms.is_alive(answer):
                raise _not_free_yet("the public address", holder)
            return owner_tags.read_owner(resource_tags.read_tags(answer.get("Tags", ()))) == owner
        return False

    def _associate(self, cid: str, allocation: str) -> None:
        try:
            self._api.change(
                "ec2", "AssociateAddress", AllocationId=allocation, InstanceId=cid, AllowReassociation=False
            )
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(error, cid) from error

    def _route(self, answer: CloudAnswer) -> None:
        """Each interface of several is named: AWS takes the instance's name for its only one."""
        cid, cards = str(answer["InstanceId"]), [str(one["NetworkInterfaceId"]) for one in answer["NetworkInterfaces"]]
        checked = {"SourceDestCheck": {"Value": False}}
        try:
            if len(cards) == 1:
                self._api.change("ec2", "ModifyInstanceAttribute", InstanceId=cid, **checked)
                return
            for card in cards:
                self._api.change("ec2", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=card, **checked)
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(error, cid) from error


def _with_public(request: VmRequest, created: VmCreated) -> tuple[Any, ...]:
    """All networks as asked: AWS's first answer has no public address yet."""
    filled = {network.name: network.ip for network in created.networks}
    return tuple(replace(network, ip=filled.get(network.name) or network.ip) for network in request.networks)


def _not_free_yet(address: str, why: str) -> TransientError:
    return TransientError(
        "address-not-free-yet",
        f"{address} is not free yet.",
        why=f"The resource that had it is being terminated: {why}",
        fix="No action needed: compleat retries.",
    )
