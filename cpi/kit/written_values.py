"""Values in the ways in which people write them for any cloud: one name or several, a number as text.

Types of fields for cpi.kit.properties.PropertiesModel.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field


def as_many(written: object) -> object:
    """One text as a list of one."""
    return [written] if isinstance(written, str) else written


def _plain_number(written: object) -> object:
    return int(written) if isinstance(written, str) and written.isdigit() else written


Names = Annotated[tuple[str, ...], BeforeValidator(as_many)]
"""One name, or a list of names."""
Number = Annotated[int, BeforeValidator(_plain_number)]
"""A whole number, also as the text "1024" of BOSH's users."""
DnsName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")]
"""A full name in lower case, without a dot at its end."""
