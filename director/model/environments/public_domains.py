"""The domain of what an environment deploys, where its file names none: a name under sslip.io, which needs no DNS zone.

Takes variables that landing zones set, gives one more.
"""

from collections.abc import Mapping

SYSTEM_DOMAIN = "system_domain"
_ADDRESS = "_public_ip"
_JUMPBOX = f"jumpbox{_ADDRESS}"
_SERVICE = "sslip.io"
"""Any name ADDRESS.sslip.io, and all names below it, resolve to that address."""


def with_system_domain(variables: Mapping[str, str]) -> Mapping[str, str]:
    """The variables, with that of the first public address which is no jumpbox's, or of the jumpbox."""
    addresses = [value for name, value in variables.items() if name.endswith(_ADDRESS) and not name.endswith(_JUMPBOX)]
    address = next((each for each in addresses if each), variables.get(_JUMPBOX, ""))
    if not address or ":" in address or SYSTEM_DOMAIN in variables:
        return variables
    return {**variables, SYSTEM_DOMAIN: f"{address}.{_SERVICE}"}
