"""Functions on address ranges.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-cidr.md @005409459471.
"""

import ipaddress

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments, by_name, fixed
from director.text.arm.values import Value, quoted

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _parse_cidr(arguments: FunctionArguments) -> Value:
    network = _network(arguments)
    last = network.broadcast_address
    first_usable, last_usable = network.network_address, last
    if isinstance(network, ipaddress.IPv4Network) and network.prefixlen < 31:
        first_usable, last_usable = network.network_address + 1, last - 1
    found: dict[str, Value] = {"network": str(network.network_address), "netmask": str(network.netmask)}
    if isinstance(network, ipaddress.IPv4Network):
        found["broadcast"] = str(last)
    return {**found, "firstUsable": str(first_usable), "lastUsable": str(last_usable), "cidr": network.prefixlen}


def _cidr_subnet(arguments: FunctionArguments) -> Value:
    network, prefix, index = _network(arguments), arguments.integer(1), arguments.integer(2)
    if not network.prefixlen <= prefix <= network.max_prefixlen:
        raise ExpressionError(
            f"The new prefix '{prefix:d}' must be between {network.prefixlen} and {network.max_prefixlen}."
        )
    if not 0 <= index < 2 ** (prefix - network.prefixlen):
        raise ExpressionError(f"The range '{network}' has no subnet /{prefix:d} with the index '{index:d}'.")
    address = network.network_address + (index << (network.max_prefixlen - prefix))
    return f"{address}/{prefix:d}"


def _cidr_host(arguments: FunctionArguments) -> Value:
    network, index = _network(arguments), arguments.integer(1)
    is_ipv4 = isinstance(network, ipaddress.IPv4Network)
    single = network.num_addresses == 1
    first = 0 if single else 1
    last = network.num_addresses - (2 if is_ipv4 and network.prefixlen < 31 else 1)
    if not 0 <= index <= last - first:
        raise ExpressionError(f"The range '{network}' has no host with the index '{index:d}'.")
    return str(network.network_address + first + index)


def _network(arguments: FunctionArguments) -> _Network:
    text = arguments.text(0)
    try:
        if "/" not in text:
            raise ValueError(text)
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise arguments.error(
            f"expects a valid CIDR range such as '10.0.0.0/24'. The provided value is '{quoted(arguments.any(0))}'."
        ) from error


FUNCTIONS = by_name(
    (
        fixed("parseCidr", 1, _parse_cidr),
        fixed("cidrSubnet", 3, _cidr_subnet),
        fixed("cidrHost", 2, _cidr_host),
    )
)
