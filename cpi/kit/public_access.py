"""What a landing zone opens on machines with a public address: one default for all clouds.

Takes nothing, gives the types and defaults of a plugin's settings `public_ports` and `public_sources`.
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from cpi.kit.written_values import as_many

PUBLIC_PORTS = (22, 80, 443, 8443)
"""SSH to the jumpbox, the web, and the platform's console."""
PUBLIC_SOURCES = ("0.0.0.0/0",)
"""The whole internet: who deploys may sit anywhere."""


def _read_range(text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError as error:
        raise ValueError("A source is an IPv4 range such as 203.0.113.0/24") from error


PublicPorts = tuple[Annotated[int, Field(ge=1, le=65535)], ...]
PublicSources = Annotated[tuple[Annotated[str, AfterValidator(_read_range)], ...], BeforeValidator(as_many)]
