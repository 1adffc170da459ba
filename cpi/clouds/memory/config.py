"""What an operator may say about a memory cloud.

Takes cloud properties, gives rules.
"""

from collections.abc import Mapping

import pydantic

from cpi.clouds.memory.rules import Rules
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue


class MemoryConfig(pydantic.BaseModel):
    """The account's limits."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    region: str = "memory-1"
    """Any name: another one is another place."""
    max_vms: int = 500
    """How many VMs; 500 so that no test meets it unasked."""
    max_disks: int = 500
    """How many disks."""
    networks: dict[str, str] = {}
    """Networks there from the start: name to CIDR."""


def read_config(properties: Mapping[str, JsonValue]) -> Rules:
    """Give the rules. Raises CloudError, code `cloud-config-invalid`, naming what is wrong."""
    try:
        config = MemoryConfig.model_validate(dict(properties))
    except pydantic.ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise CloudError("cloud-config-invalid", "The memory cloud's properties are not valid.", why=wrong) from error
    return Rules(region=config.region, max_vms=config.max_vms, max_disks=config.max_disks, networks=config.networks)
