"""Settings without effect on AWS, as remarks of preflight. Pure.

Takes settings and requests, gives remarks.
"""

from collections.abc import Iterator

from cpi.clouds.aws.machines import block_device_mappings, networks
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.wire.config import (
    AwsConfig,
    DiskProperties,
    NetworkProperties,
    VipProperties,
    VmProperties,
)
from cpi.contract.values import Finding, VmRequest
from cpi.kit import judge

MODELS = judge.PropertyModels(vm=VmProperties, disk=DiskProperties, network=NetworkProperties, vip=VipProperties)


def of_settings(config: AwsConfig) -> Iterator[Finding]:
    """Settings of the environment's file."""
    if "max_retries" in config.model_fields_set:
        why = "The engine repeats each call by rules of its own, and must know of each repetition."
        yield judge.unused_setting("max_retries", cloud="AWS", why=why)
    if "enable_describe_instance_types" in config.model_fields_set:
        why = "AWS's description of an instance type is read whenever it matters."
        yield judge.unused_setting("enable_describe_instance_types", cloud="AWS", why=why)


def of_vm(request: VmRequest, properties: VmProperties, config: AwsConfig) -> Iterator[Finding]:
    """Cloud properties of a VM and of its networks."""
    vm = f"VM '{request.name}'"
    if properties.spot_ondemand_fallback and properties.spot_bid_price is None:
        why = "Without spot_bid_price a VM is on demand from the start."
        yield judge.unused_property("spot_ondemand_fallback", vm, cloud="AWS", why=why)
    for name in block_device_mappings.ignored(properties):
        why = "With use_root_disk there is no ephemeral disk."
        yield judge.unused_property(f"ephemeral_disk.{name}", vm, cloud="AWS", why=why)
    shared = DiskRequests(properties=properties, image_gib=0, has_agent=request.agent is not None)
    for name in block_device_mappings.overruled(shared, config):
        why = "The ephemeral disk is a part of the root disk, which is of one type and encrypted as a whole."
        yield judge.unused_property(name, vm, cloud="AWS", why=why)
    for settings in networks.private_networks(request):
        found = networks.properties_of(settings, request)
        if found.subnet and found.network:
            network = f"network '{settings.name}' of {vm}"
            yield judge.unused_property("`network`", network, cloud="AWS", why="`subnet` decides where the VM is.")
