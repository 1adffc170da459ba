"""VMs: RunInstances built, instances read. Pure.

Takes requests and EC2's answers, gives request parts and values. Terminated instances are absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.images.images import MachineImage
from cpi.clouds.aws.machines import block_device_mappings, networks, traffic_entries
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.machines.networks import Card
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.config import AwsConfig, VmProperties, read_properties
from cpi.contract.errors import CloudError, NoCapacityError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, FoundVm, JsonValue, NetworkKind, VmCid, VmCreated, VmRequest, VmState
from cpi.kit import agent_settings, foreign_cids, judge, tag_limits
from cpi.kit import tags as owner_tags

_UNSUPPORTED = {
    "raw_instance_storage": (
        "compleat neither labels nor maps the disks of an instance type",
        "ephemeral_disk.size adds space on the root disk",
    ),
}
"""Properties that are refused, by name: why, and what to do."""

LIVING = ("pending", "running", "stopping", "stopped")
_STATES = {
    "pending": VmState.RUNNING,
    "running": VmState.RUNNING,
    "stopping": VmState.STOPPED,
    "stopped": VmState.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VmParts:
    """Everything RunInstances needs beside the request."""

    properties: VmProperties
    image: MachineImage
    cards: tuple[Card, ...]


def read_vm_properties(request: VmRequest, config: AwsConfig) -> VmProperties:
    """The VM's cloud properties.

    Raises unknown-cloud-property, instance-type-missing, vm-name-invalid, and what own_disks.check refuses.
    """
    judge.require_host_name(request.name)
    properties = read_properties(VmProperties, request.cloud_properties, where=f"VM '{request.name}'")
    judge.require_instance_type(request.name, properties.instance_type, cloud="AWS", example="t3.small")
    _refuse_missing(request, properties)
    block_device_mappings.check(request.name, properties, config, has_agent=request.agent is not None)
    agent_settings.require_one_card(request, fix="Add a manual or dynamic network to the instance group.")
    return properties


def _refuse_missing(request: VmRequest, properties: VmProperties) -> None:
    """Raises NotSupportedError, code property-not-supported."""
    for name, (why, fix) in _UNSUPPORTED.items():
        if getattr(properties, name):
            raise judge.not_supported(
                name,
                f"VM '{request.name}'",
                why=f"BOSH's AWS CPI knows it; {why}.",
                fix=f"Remove '{name}'; {fix}.",
            )


def tag_refusals(request: VmRequest, properties: VmProperties, tags: Mapping[str, str]) -> Iterator[CloudError]:
    """What AWS would refuse or cut of the tags of a VM; `tags` are the environment's."""
    resource_tags.check_others(request.tags)
    yield from tag_limits.refusals(properties.tags, resource_tags.LIMITS)
    whole = {**tags, **_label(request, properties).whole()}
    if len(whole) > resource_tags.LIMITS.most:
        yield tag_limits.too_many(len(whole), resource_tags.LIMITS)


def write_vm(request: VmRequest, parts: VmParts, config: AwsConfig) -> dict[str, Any]:
    """RunInstances, for one."""
    resource_tags.check_others(request.tags)
    properties = parts.properties
    answer = {**request.tags, **properties.tags}
    label = _label(request, properties)
    inside = resource_tags.Label(owner=request.owner, kind=names.VM_DISK, name=request.name, others=answer)
    return {
        "ImageId": parts.image.id,
        "InstanceType": properties.instance_type,
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": names.token_of(request.owner),
        "NetworkInterfaces": networks.write_interfaces(parts.cards, properties),
        "BlockDeviceMappings": block_device_mappings.write(
            _requested_disks(request, parts), config, root_device=parts.image.root_device
        ),
        "MetadataOptions": _write_metadata(properties, config),
        "UserData": agent_settings.write_user_data(request, _settings(request, parts)),
        "TagSpecifications": [
            *resource_tags.specify(label, "instance"),
            *resource_tags.specify(inside, "volume", "network-interface"),
        ],
        **_write_choices(properties, config),
    }


def _label(request: VmRequest, properties: VmProperties) -> resource_tags.Label:
    """A cloud property's tag wins, as in BOSH's CPI."""
    kept = {**resource_tags.network_tags(request.networks), **traffic_entries.write_tags(properties)}
    others = {**request.tags, **properties.tags, **kept}
    return resource_tags.Label(owner=request.owner, kind=names.VM, name=request.name, others=others)


def _settings(request: VmRequest, parts: VmParts) -> dict[str, JsonValue]:
    """A bosh-agent's, as EC2 gives them to it."""
    disks_there: dict[str, JsonValue] = {"system": parts.image.root_device}
    ephemeral = block_device_mappings.ephemeral_of(_requested_disks(request, parts))
    if ephemeral is not None:
        disks_there["ephemeral"] = block_device_mappings.path_of(
            ephemeral, instance_type=parts.properties.instance_type
        )
    return {**agent_settings.write_settings(request, disks_there), **agent_settings.write_dns(request)}


def spot_refused(properties: VmProperties) -> VmProperties | None:
    """The same VM on demand, where that is allowed; None where it is not."""
    if properties.spot_bid_price is None or not properties.spot_ondemand_fallback:
        return None
    return properties.model_copy(update={"spot_bid_price": None})


def read_created(answer: Mapping[str, Any]) -> VmCreated:
    """The result of create_vm: the requested networks, with the instance's addresses."""
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    asked = resource_tags.read_networks(tags)
    interfaces: Sequence[Mapping[str, Any]] = answer.get("NetworkInterfaces", ())
    filled, public = networks.fill_addresses(asked, interfaces), networks.read_public_addresses(interfaces)
    return VmCreated(
        cid=VmCid(answer["InstanceId"]),
        networks=tuple(
            replace(network, ip=filled.get(network.name, network.ip))
            for network in asked
            if network.kind is not NetworkKind.VIP or network.ip in public
        ),
    )


def read_vm(answer: Mapping[str, Any]) -> FoundVm | None:
    """A VM of DescribeInstances; None: gone, or without an owner key."""
    state = _STATES.get(answer.get("State", {}).get("Name", ""))
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    owner = owner_tags.read_owner(tags)
    if state is None or owner is None:
        return None
    return FoundVm(
        created=read_created(answer),
        owner=owner,
        state=state,
        disk_cids=read_disks(answer),
        tags=resource_tags.other_tags(tags),
    )


def read_disks(answer: Mapping[str, Any]) -> tuple[DiskCid, ...]:
    """The persistent disks of an instance: those that do not die with it."""
    held = [one for one in answer.get("BlockDeviceMappings", ()) if "Ebs" in one]
    return tuple(
        DiskCid(one["Ebs"]["VolumeId"])
        for one in held
        if not one["Ebs"].get("DeleteOnTermination") and one["Ebs"].get("Status") != "detaching"
    )


def used_devices(answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Device names that are taken, each with its volume."""
    return {one["DeviceName"]: str(one.get("Ebs", {}).get("VolumeId", "")) for one in answer["BlockDeviceMappings"]}


def is_alive(answer: Mapping[str, Any]) -> bool:
    """Whether an instance is there, running or not."""
    return answer.get("State", {}).get("Name", "") in LIVING


def require_vm(cid: VmCid) -> None:
    """Refuse what can be no instance's id. Raises NotFoundError, code unknown-vm; CloudError, code foreign-cid."""
    if not names.is_cid(cid, "i"):
        foreign_cids.require_own(cid, what="VM", cloud="AWS")
        raise unknown_vm(cid)


def unknown_vm(cid: str, *, why: str = "It was terminated, or never existed.") -> NotFoundError:
    """No such instance, or one that is terminated."""
    return NotFoundError("unknown-vm", f"AWS has no VM '{cid}'.", why=why)


def end_of(answer: Mapping[str, Any]) -> str:
    """Why an instance is no more, in AWS's words; "" while it lives."""
    if is_alive(answer):
        return ""
    reason = answer.get("StateReason", {}).get("Message") or answer.get("StateTransitionReason", "")
    return f"AWS reports: {reason}" if reason else "AWS reported no reason."


def launch_failure(answer: Mapping[str, Any], name: str) -> CloudError | None:
    """Why an instance that was just made is gone; None when it is not."""
    ended = end_of(answer)
    if not ended:
        return None
    return NoCapacityError(
        "vm-ended-at-birth",
        f"AWS terminated VM '{name}' right after its creation.",
        why=ended,
        fix="The usual causes are a disk limit or a KMS key without permission; fix the cause and run the command "
        "again.",
    )


def _requested_disks(request: VmRequest, parts: VmParts) -> DiskRequests:
    return DiskRequests(
        properties=parts.properties, image_gib=parts.image.root_gib, has_agent=request.agent is not None
    )


def _write_metadata(properties: VmProperties, config: AwsConfig) -> dict[str, Any]:
    options = properties.metadata_options or config.metadata_options
    chosen = {
        "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags,
    }
    return {
        "HttpTokens": options.http_tokens,
        "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
        "HttpEndpoint": options.http_endpoint,
        **{name: value for name, value in chosen.items() if value},
    }


def _write_choices(properties: VmProperties, config: AwsConfig) -> dict[str, Any]:
    """What is only said when it was chosen."""
    key = properties.key_name or config.default_key_name
    profile = properties.iam_instance_profile or config.default_iam_instance_profile
    placement = {
        name: value
        for name, value in (
            ("GroupName", properties.placement_group),
            ("Tenancy", properties.tenancy if properties.tenancy != "default" else ""),
        )
        if value
    }
    chosen: dict[str, Any] = {
        "KeyName": key,
        "IamInstanceProfile": {"Arn" if profile.startswith("arn:") else "Name": profile} if profile else {},
        "Placement": placement,
    }
    if properties.spot_bid_price is not None:
        bid = {"MaxPrice": f"{properties.spot_bid_price:g}", "SpotInstanceType": "one-time"}
        chosen["InstanceMarketOptions"] = {"MarketType": "spot", "SpotOptions": bid}
    return {name: value for name, value in chosen.items() if value}
