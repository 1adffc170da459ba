"""Placeholders for a landing zone's outputs before it is created: addresses reserved for documentation.

Takes the public names of clouds, gives values for the variables that landing zones set.
"""

from collections.abc import Iterable, Mapping
from itertools import islice

from director.model.environments import public_domains

_MOST = 250
"""Fewer than the hosts of the range reserved for documentation."""

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA stand-in"
"""A public key without a private one."""


def describe_addresses(names: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """An address for each pair of a cloud's prefix and a public name; without the prefix too, as outputs are."""
    addresses: dict[str, str] = {}
    for number, (prefix, name) in enumerate(islice(names, _MOST), start=1):
        for kind in ("ip", "host"):
            addresses.setdefault(f"{name}_public_{kind}", f"192.0.2.{number}")
            addresses[f"{prefix}{name}_public_{kind}"] = f"192.0.2.{number}"
    return public_domains.with_system_domain(addresses)
