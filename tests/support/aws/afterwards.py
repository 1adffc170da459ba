"""What AWS does after a call and moto does not, and the calls of an observer.

Takes a call that went well, with its answer; changes moto's back ends.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.aws import back, network_balancers, security_groups
from tests.support.aws.answers import Answer
from tests.support.aws.calls import Call
from tests.support.aws.observers import Interface, Observer, Started

_IMAGE = re.compile(rb"<imageId>(ami-[0-9a-f]+)</imageId>")
_INSTANCE = re.compile(rb"<instanceId>(i-[0-9a-f]+)</instanceId>")

Effect = Callable[[Call, Answer, Observer], None]


def settle(call: Call, answer: Answer, observer: Observer) -> None:
    """Do what is left to do."""
    if call.action in security_groups.CHANGERS:
        observer.inbound_changed(security_groups.read_inbound(call.region))
    effect = _EFFECTS.get(call.action)
    if effect is not None and call.get("DryRun") != "true":
        effect(call, answer, observer)


def started(region: str, cid: str) -> Started:
    """An instance as an observer sees it start."""
    instance = back.instance(region, cid)
    return Started(
        instance=cid,
        interfaces=tuple(_interface(nic) for nic in instance.nics.values()),
        user_data=_plain(instance.user_data),
        tags={tag["key"]: tag["value"] for tag in instance.get_tags()},
    )


def tag_bucket(action: str, body: bytes) -> None:
    """Keep the tags of a CreateBucket, which moto drops."""
    pairs = re.findall(rb"<Tag><Key>([^<]*)</Key><Value(?: ?/>|>([^<]*)</Value>)</Tag>", body)
    name = action.removeprefix("PUT /").strip("/")
    if b"<CreateBucketConfiguration" in body and pairs and "/" not in name:
        back.s3().put_bucket_tagging(name, {key.decode(): value.decode() for key, value in pairs})


def _interface(nic: Any) -> Interface:
    return Interface(
        address=str(nic.private_ip_address),
        cidr=str(nic.subnet.cidr_block),
        subnet=str(nic.subnet.id),
        mac=str(nic.mac_address),
    )


def _plain(user_data: Any) -> bytes:
    if user_data is None:
        return b""
    decoded = user_data.decode() if hasattr(user_data, "decode") else user_data
    return bytes(decoded) if isinstance(decoded, bytes | bytearray) else str(decoded).encode()


def _run(call: Call, answer: Answer, observer: Observer) -> None:
    for cid in _INSTANCE.findall(answer.body):
        for number, nic in enumerate(back.instance(call.region, cid.decode()).nics.values(), start=1):
            _give_addresses(call, nic, f"NetworkInterface.{number}")
        observer.instance_started(started(call.region, cid.decode()))


def _give_addresses(call: Call, nic: Any, name: str) -> None:
    """IPv6 addresses and prefixes, which moto drops."""
    nic.ipv6_addresses = [*nic.ipv6_addresses, *call.series(f"{name}.Ipv6Addresses.{{}}.Ipv6Address")]
    nic.ipv6_prefixes = [{"Ipv6Prefix": one} for one in call.series(f"{name}.Ipv6Prefix.{{}}.Ipv6Prefix")]
    nic.ipv4_prefixes = [{"Ipv4Prefix": one} for one in call.series(f"{name}.Ipv4Prefix.{{}}.Ipv4Prefix")]


def _start(call: Call, answer: Answer, observer: Observer) -> None:
    for cid in call.numbered("InstanceId"):
        observer.instance_started(started(call.region, cid))


def _stop(call: Call, answer: Answer, observer: Observer) -> None:
    for cid in call.numbered("InstanceId"):
        observer.instance_stopped(cid)


def _reboot(call: Call, answer: Answer, observer: Observer) -> None:
    for cid in call.numbered("InstanceId"):
        observer.instance_rebooted(cid)


def terminate(region: str, cid: str, observer: Observer) -> None:
    """Let go of what a terminated instance held: addresses and disks."""
    backend = back.ec2(region)
    for address in backend.addresses:
        if address.instance is not None and address.instance.id == cid:
            observer.address_disassociated(str(address.public_ip))
            backend.disassociate_address(address=address.public_ip)
    for volume in list(backend.volumes.values()):
        if volume.attachment is not None and volume.attachment.instance.id == cid:
            volume.attachment = None
    observer.instance_terminated(cid)


def _terminate(call: Call, answer: Answer, observer: Observer) -> None:
    for cid in call.numbered("InstanceId"):
        terminate(call.region, cid, observer)


def _associate(call: Call, answer: Answer, observer: Observer) -> None:
    for address in back.ec2(call.region).addresses:
        if call.get("AllocationId") == address.allocation_id or call.get("PublicIp") == address.public_ip:
            observer.address_associated(str(address.public_ip), str(address.instance.id))


def _attach(call: Call, answer: Answer, observer: Observer) -> None:
    observer.volume_attached(call.get("VolumeId"), call.get("InstanceId"), device=call.get("Device"))


def _detach(call: Call, answer: Answer, observer: Observer) -> None:
    observer.volume_detached(call.get("VolumeId"), call.get("InstanceId"))


def _delete_nat(call: Call, answer: Answer, observer: Observer) -> None:
    """Its interface goes with it, and its address is free; both stay in moto."""
    backend = back.ec2(call.region)
    for gateway in backend.nat_gateways.values():
        if gateway.id == call.get("NatGatewayId"):
            for address in backend.addresses:
                if address.eni is gateway._eni:
                    backend.disassociate_address(address=address.public_ip)
            backend.enis.pop(gateway._eni.id, None)


def _modify_endpoint(call: Call, answer: Answer, observer: Observer) -> None:
    """Tables that are added lead to it; moto gives them no route, and then cannot delete the endpoint."""
    backend = back.ec2(call.region)
    endpoint = backend.vpc_end_points[call.get("VpcEndpointId")]
    prefixes = endpoint.destination_prefix_list_id
    for table in (value for name, value in call.parameters.items() if name.startswith("AddRouteTableId")):
        if not any(one.destination_prefix_list for one in backend.route_tables[table].routes):
            backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)


def _register(call: Call, answer: Answer, observer: Observer) -> None:
    """What the call says of the image, all of which moto drops; its own snapshot instead of one of moto's."""
    backend = back.ec2(call.region)
    image = backend.amis[_IMAGE.findall(answer.body)[0].decode()]
    backend.snapshots.pop(image.ebs_snapshot.id)
    image.ebs_snapshot = backend.snapshots[call.get("BlockDeviceMapping.1.Ebs.SnapshotId")]
    image.architecture, image.root_device_name = call.get("Architecture"), call.get("RootDeviceName")
    image.virtualization_type, image.root_device_type = call.get("VirtualizationType"), "ebs"
    tags = {name: value for name, value in call.parameters.items() if name.startswith("TagSpecification.1.Tag.")}
    keys = {name.removesuffix(".Key"): value for name, value in tags.items() if name.endswith(".Key")}
    image.add_tags({key: tags.get(f"{name}.Value", "") for name, key in keys.items()})


def _register_once(call: Call, answer: Answer, observer: Observer) -> None:
    """Registering twice is once; moto keeps both."""
    balancer = back.classic_balancers()[call.get("LoadBalancerName")]
    balancer.instance_sparse_ids = list(dict.fromkeys(balancer.instance_sparse_ids))


def _make_balancer(call: Call, answer: Answer, observer: Observer) -> None:
    network_balancers.keep_front(call, answer)


_EFFECTS: Mapping[str, Effect] = {
    "RunInstances": _run,
    "StartInstances": _start,
    "StopInstances": _stop,
    "RebootInstances": _reboot,
    "TerminateInstances": _terminate,
    "AssociateAddress": _associate,
    "AttachVolume": _attach,
    "DetachVolume": _detach,
    "DeleteNatGateway": _delete_nat,
    "ModifyVpcEndpoint": _modify_endpoint,
    "RegisterImage": _register,
    "CreateLoadBalancer": _make_balancer,
    "RegisterInstancesWithLoadBalancer": _register_once,
}
