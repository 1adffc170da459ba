"""Values in the ways in which people write them for any cloud: one name or several, a number as text.

Types of fields for cpi.kit.properties.PropertiesModel.
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator


def as_many(written: object) -> object:
    """One text as a list of one."""
    return [written] if isinstance(written, str) else written


def spelled(match: Callable[[str], object], words: str) -> AfterValidator:
    """Refuse texts that a pattern's `fullmatch` does not match; the words describe its form, after "must be"."""

    def check(written: str) -> str:
        if not match(written):
            raise ValueError(f"It must be {words}")
        return written

    return AfterValidator(check)


def _plain_number(written: object) -> object:
    return int(written) if isinstance(written, str) and written.isdigit() else written


Names = Annotated[tuple[str, ...], BeforeValidator(as_many)]
"""One name, or a list of names."""
Number = Annotated[int, BeforeValidator(_plain_number)]
"""A whole number, also as the text "1024" of BOSH's users."""
_DNS_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
DnsName = Annotated[str, spelled(_DNS_NAME.fullmatch, "a full DNS name in lower case, such as jumpbox.example.org")]
"""A full name in lower case, without a dot at its end."""
