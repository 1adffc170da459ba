"""Settings without effect on AWS, as remarks of preflight. Pure.

Takes settings and requests, gives remarks.
"""

from collections.abc import Iterator

from cpi.clouds.aws.machines import block_device_mappings, networks
from cpi.clouds.aws.wire.config import AwsConfig, VmProperties
from cpi.contract.values import Finding, VmRequest


def of_settings(config: AwsConfig) -> Iterator[Finding]:
    """Settings of the environment's file."""
    if "max_retries" in config.model_fields_set:
        yield Finding(
            code="setting-unused",
            what="The setting max_retries has no effect on AWS.",
            why="compleat repeats calls by its own rules, and must know of each repetition.",
            fix="Remove max_retries from the environment's file.",
            is_fatal=False,
        )


def of_vm(request: VmRequest, properties: VmProperties) -> Iterator[Finding]:
    """Cloud properties of a VM and of its networks."""
    if properties.spot_ondemand_fallback and properties.spot_bid_price is None:
        yield Finding(
            code="property-unused",
            what=f"VM '{request.name}' has spot_ondemand_fallback but no spot_bid_price.",
            why="Without a bid the VM is on demand from the start.",
            fix="Set spot_bid_price, or remove spot_ondemand_fallback.",
            is_fatal=False,
        )
    yield from block_device_mappings.remarks(request.name, properties)
    for settings in networks.private_networks(request):
        found = networks.properties_of(settings, request)
        if found.subnet and found.network:
            yield Finding(
                code="property-unused",
                what=f"Network '{settings.name}' of VM '{request.name}' has both `network` and `subnet`.",
                why="The subnet determines the network of the VM.",
                fix="Remove one of the two.",
                is_fatal=False,
            )
