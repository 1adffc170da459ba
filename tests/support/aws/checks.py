"""What AWS refuses and moto does not, by action.

Takes a call, gives a refusal or None. Looks only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.aws import back, launches, network_balancers
from tests.support.aws.answers import Answer, refusal
from tests.support.aws.calls import Call

_EXECUTES_ON_DRY_RUN = frozenset({"CreateVpc", "CreateSubnet", "CreateRouteTable", "CreateNatGateway"})


def refuse_dry_run(call: Call) -> Answer | None:
    """DryRun of the four actions that moto would execute."""
    if call.get("DryRun") != "true" or call.action not in _EXECUTES_ON_DRY_RUN:
        return None
    message = "Request would have succeeded, but DryRun flag is set."
    return refusal(call, "DryRunOperation", message, status=412)


def refuse(call: Call) -> Answer | None:
    """Whatever else is wrong with a call."""
    check = _CHECKS.get(call.action)
    return check(call) if check and call.get("DryRun") != "true" else None


def _attach(call: Call) -> Answer | None:
    backend = back.ec2(call.region)
    volume, instance = backend.volumes.get(call.get("VolumeId")), back.instance(call.region, call.get("InstanceId"))
    if volume is None or instance is None:
        return None
    if instance.state not in ("running", "stopped"):
        return refusal(call, "IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if volume.status == "error":
        return refusal(call, "IncorrectState", f"vol '{volume.id}' is not 'available'.")
    if volume.attachment is not None:
        holder = volume.attachment.instance.id
        return refusal(call, "VolumeInUse", f"{volume.id} is already attached to an instance ({holder})")
    if volume.availability_zone != instance.availability_zone:
        message = f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'"
        return refusal(call, "InvalidVolume.ZoneMismatch", message)
    if call.get("Device") in instance.block_device_mapping:
        message = f"Invalid value '{call.get('Device')}' for unixDevice. Attachment point is already in use"
        return refusal(call, "InvalidParameterValue", message)
    return None


def _power(call: Call) -> Answer | None:
    for cid in call.numbered("InstanceId"):
        instance = back.instance(call.region, cid)
        if instance is not None and instance.state == "terminated":
            message = f"The instance '{cid}' is not in a state from which it can be started or stopped."
            return refusal(call, "IncorrectInstanceState", message)
    return None


def _associate(call: Call) -> Answer | None:
    instance = back.instance(call.region, call.get("InstanceId"))
    if instance is not None and instance.state != "running":
        message = f"The {instance.state} instance '{instance.id}' is not in a valid state for this operation."
        return refusal(call, "IncorrectInstanceState", message)
    return None


def _release(call: Call) -> Answer | None:
    for address in back.ec2(call.region).addresses:
        is_held = address.association_id or any(network_balancers.holders(address.allocation_id, call.region))
        if address.allocation_id == call.get("AllocationId") and is_held:
            return refusal(call, "InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    return None


def _delete_subnet(call: Call) -> Answer | None:
    cid = call.get("SubnetId")
    used = any(one.subnet.id == cid for one in back.interfaces(call.region))
    gateways = back.ec2(call.region).nat_gateways.values()
    used = used or network_balancers.in_subnet(cid, call.region)
    if used or any(one.subnet_id == cid and one.state == "available" for one in gateways):
        return _depends(call, f"The subnet '{cid}' has dependencies and cannot be deleted.")
    return None


def _delete_group(call: Call) -> Answer | None:
    cid = call.get("GroupId")
    used = any(group.id == cid for one in back.interfaces(call.region) for group in one.group_set)
    if used or any(_names_group(other, cid) for other in back.security_groups(call.region) if other.id != cid):
        return _depends(call, f"resource {cid} has a dependent object")
    return None


def _names_group(other: Any, cid: str) -> bool:
    return any(rule.source_group.get("GroupId") == cid for rule in other.ingress_rules)


def _detach_gateway(call: Call) -> Answer | None:
    vpc = call.get("VpcId")
    mapped = {one.public_ip for one in back.ec2(call.region).addresses if one.association_id}
    inside = {one.public_ip for one in back.interfaces(call.region) if one.subnet.vpc_id == vpc}
    if mapped & inside:
        return _depends(call, f"Network {vpc} has some mapped public address(es). Please unmap those first.")
    return None


def _create_tags(call: Call) -> Answer | None:
    for cid in call.numbered("ResourceId"):
        if cid.startswith("i-") and back.instance(call.region, cid) is None:
            return refusal(call, "InvalidInstanceID.NotFound", f"The instance ID '{cid}' does not exist")
        if cid.startswith("vol-") and cid not in back.ec2(call.region).volumes:
            return refusal(call, "InvalidVolume.NotFound", f"The volume '{cid}' does not exist.")
    return None


def _create_volume(call: Call) -> Answer | None:
    size = call.get("Size")
    if size and not 1 <= int(size) <= 16384:
        return refusal(call, "InvalidParameterValue", f"Volume of {size}GiB is too small or too large; 1 to 16384.")
    return None


def _register(call: Call) -> Answer | None:
    """The name is one of its kind in the account, the snapshot is finished."""
    backend = back.ec2(call.region)
    if any(one.name == call.get("Name") and one.owner_id == back.ACCOUNT for one in backend.amis.values()):
        return refusal(
            call, "InvalidAMIName.Duplicate", f"AMI name {call.get('Name')} is already in use by another AMI"
        )
    cid = call.get("BlockDeviceMapping.1.Ebs.SnapshotId")
    snapshot = backend.snapshots.get(cid)
    if snapshot is None:
        return refusal(call, "InvalidSnapshot.NotFound", f"The snapshot '{cid}' does not exist.")
    if snapshot.status != "completed":
        return refusal(call, "IncorrectState", f"Snapshot '{cid}' is in {snapshot.status} state.")
    return None


def _delete_snapshot(call: Call) -> Answer | None:
    """Not while an image is of it."""
    cid = call.get("SnapshotId")
    for image in back.ec2(call.region).amis.values():
        if image.ebs_snapshot is not None and image.ebs_snapshot.id == cid:
            return refusal(call, "InvalidSnapshot.InUse", f"The snapshot {cid} is currently in use by {image.id}")
    return None


def _register_targets(call: Call) -> Answer | None:
    """Only what runs can be a target."""
    for name, cid in call.parameters.items():
        instance = back.instance(call.region, cid) if name.endswith(".Id") else None
        if instance is not None and instance.state != "running":
            message = f"The following targets are not in a running state and cannot be registered: '{cid}'"
            return refusal(call, "InvalidTarget", message)
    return None


def _change_balancer(call: Call) -> Answer | None:
    """Only what runs, and in the balancer's own network; with a balancer that is not there moto breaks."""
    balancer = back.classic_balancers().get(call.get("LoadBalancerName"))
    cids = [value for name, value in call.parameters.items() if name.endswith(".InstanceId")]
    if balancer is None:
        message = f"There is no ACTIVE Load Balancer named '{call.get('LoadBalancerName')}'"
        return refusal(call, "LoadBalancerNotFound", message)
    for cid in cids if call.action.startswith("Register") else ():
        instance = back.instance(call.region, cid)
        if instance is None or instance.state != "running" or instance.vpc_id != balancer.vpc_id:
            return refusal(call, "InvalidInstance", f"Could not find EC2 instance {cid}.")
    return None


def _lead(call: Call) -> Answer | None:
    """A route leads to an interface that there is, and a table has a destination once."""
    backend = back.ec2(call.region)
    table, interface = backend.route_tables.get(call.get("RouteTableId")), call.get("NetworkInterfaceId")
    if interface and interface not in backend.enis:
        return refusal(
            call, "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{interface}' does not exist"
        )
    there = {route.destination_cidr_block for route in table.routes} if table is not None else set()
    wanted = call.get("DestinationCidrBlock")
    if call.action == "CreateRoute" and table is not None and wanted in there:
        return refusal(call, "RouteAlreadyExists", f"The route identified by {wanted} already exists.")
    return None


def _depends(call: Call, message: str) -> Answer:
    return refusal(call, "DependencyViolation", message)


_CHECKS: Mapping[str, Callable[[Call], Answer | None]] = {
    "RunInstances": launches.refuse_launch,
    "CreateNetworkInterface": launches.refuse_interface,
    "AttachVolume": _attach,
    "StartInstances": _power,
    "StopInstances": _power,
    "RebootInstances": _power,
    "AssociateAddress": _associate,
    "ReleaseAddress": _release,
    "DeleteSubnet": _delete_subnet,
    "DeleteSecurityGroup": _delete_group,
    "DetachInternetGateway": _detach_gateway,
    "CreateTags": _create_tags,
    "CreateVolume": _create_volume,
    "RegisterImage": _register,
    "CreateLoadBalancer": network_balancers.refuse_making,
    "RegisterTargets": _register_targets,
    "RegisterInstancesWithLoadBalancer": _change_balancer,
    "DeregisterInstancesFromLoadBalancer": _change_balancer,
    "CreateRoute": _lead,
    "ReplaceRoute": _lead,
    "DeleteSnapshot": _delete_snapshot,
}
