"""What has a public address: a VM, a load balancer or a NAT gateway.

Takes a state directory and an address, gives its holder as text.
"""

from cpi.clouds.local.inside.records import balancer_records, gateway_records, records
from cpi.contract.errors import ConflictError


def holder_of(state: str, address: records.AddressRecord) -> str:
    """The holder, such as "NAT gateway 'nat'"; "" for none."""
    if address["vm"]:
        return vm_title(address["vm"])
    for balancer in balancer_records.list_balancers(state):
        if balancer["address"] == address["name"]:
            return balancer_title(balancer["name"])
    for gateway in gateway_records.list_gateways(state):
        if gateway["address"] == address["name"]:
            return gateway_title(gateway["name"])
    return ""


def held_by_parts(state: str) -> dict[str, str]:
    """The addresses that load balancers and NAT gateways have, also inside of networks, with their holders."""
    balancers = {one["ip"]: f"load balancer '{one['name']}'" for one in balancer_records.list_balancers(state)}
    return {**balancers, **{one["ip"]: gateway_title(one["name"]) for one in gateway_records.list_gateways(state)}}


def require_free(state: str, address: records.AddressRecord, *, for_: str) -> None:
    """Raises ConflictError, code address-taken, where another than `for_` has it."""
    holder = holder_of(state, address)
    if holder not in ("", for_):
        raise ConflictError(
            "address-taken",
            f"Public address {address['ip']} is taken.",
            why=f"{holder} has it.",
            fix="Delete that first, or use another public address.",
        )


def vm_title(cid: str) -> str:
    return f"VM {cid}"


def balancer_title(name: str) -> str:
    return f"Load balancer '{name}'"


def gateway_title(name: str) -> str:
    return f"NAT gateway '{name}'"
