"""What the options of a variable may be, type by type.

Takes a type and options, gives what is wrong with them; whatever passes can be generated.
Source: cloudfoundry/config-server types/, as the bosh CLI vendors it; X.520 (lengths of names), RFC 1123 (host names).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cpi.contract.values import JsonValue

KEY_LENGTHS = (2048, 3072, 4096)
USAGES = ("client_auth", "server_auth")
MAX_LENGTH = 4096
MAX_DAYS = 106_751
"""292 years: more days than these do not fit into the nanoseconds in which BOSH's config server counts."""

_MAX_NAME_BYTES = 64
_MAX_HOST = 253
_LABEL = re.compile(r"[A-Za-z0-9_*]([A-Za-z0-9_*-]{0,61}[A-Za-z0-9_*])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionProblem:
    """`option` is "" for one that is missing; `known` is not empty when the option is not known."""

    option: str
    what: str
    why: str
    known: tuple[str, ...] = ()


Judge = Callable[[JsonValue], str]
"""What the value should have been, "" if it is."""


def option_problems(kind: str, options: Mapping[str, JsonValue]) -> Iterator[OptionProblem]:
    """Everything wrong with the options of a variable of one of TYPES."""
    judges = _JUDGES[kind]
    for name, value in options.items():
        if name not in judges:
            yield _unknown(kind, name)
        elif wanted := judges[name](value):
            yield OptionProblem(
                option=name, what=f"has the option `{name}: {_shown(value)}`", why=f"it must be {wanted}."
            )
    if kind == "certificate" and not options.get("ca") and options.get("is_ca") is not True:
        why = "a certificate that is not a CA is signed by one."
        yield OptionProblem(option="", what="has neither `ca` nor `is_ca: true`", why=why)


def is_known_type(kind: str) -> bool:
    """Whether variables of this type can be generated."""
    return kind in _JUDGES


def _unknown(kind: str, name: str) -> OptionProblem:
    known = tuple(sorted(_JUDGES[kind]))
    listed = ", ".join(f"`{each}`" for each in known)
    why = f"supported are {listed}." if known else "it has no options."
    return OptionProblem(
        option=name, what=f"has the option `{name}`, which type {kind} does not support", why=why, known=known
    )


def _shown(value: JsonValue) -> str:
    text = "true" if value is True else "false" if value is False else "null" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _number(value: JsonValue, highest: int) -> str:
    """Whole numbers alone: a flag counts as one in Python."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return "" if is_number and 1 <= int(str(value)) <= highest else f"a whole number from 1 to {highest}"


def _password_length(value: JsonValue) -> str:
    return _number(value, MAX_LENGTH)


def _days(value: JsonValue) -> str:
    wanted = _number(value, MAX_DAYS)
    return wanted.replace("whole number", "whole number of days")


def _key_length(value: JsonValue) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and value in KEY_LENGTHS
    return "" if fits else "2048, 3072 or 4096, a number"


def _flag(value: JsonValue) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _name(value: JsonValue) -> str:
    fits = isinstance(value, str) and value.isprintable() and 0 < len(value.encode()) <= _MAX_NAME_BYTES
    return "" if fits else f"text of at most {_MAX_NAME_BYTES} bytes"


def _common_name(value: JsonValue) -> str:
    return "" if value == "" else _name(value)


def _reference(value: JsonValue) -> str:
    return "" if isinstance(value, str) and value else "the name of a variable"


def _usages(value: JsonValue) -> str:
    fits = (
        isinstance(value, list | tuple)
        and len(set(map(str, value))) == len(value)
        and set(map(str, value)) <= set(USAGES)
    )
    return "" if fits else f"a list of {' and '.join(USAGES)}, each at most once"


def _alternative_names(value: JsonValue) -> str:
    if not isinstance(value, list | tuple):
        return "a list of DNS names and IP addresses"
    bad = [each for each in value if not (isinstance(each, str) and is_host(each))]
    return f"a list of DNS names and IP addresses, and {_shown(bad[0])} is none" if bad else ""


def is_host(name: str) -> bool:
    """Whether a certificate can name it: an IP address, or a DNS name in ASCII, `*` allowed."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return len(name) <= _MAX_HOST and all(_LABEL.fullmatch(label) for label in name.split("."))
    return True


_JUDGES: Mapping[str, Mapping[str, Judge]] = {
    "password": {"length": _password_length},
    "user": {"username": _name, "length": _password_length},
    "ssh": {},
    "rsa": {},
    "certificate": {
        "common_name": _common_name,
        "organization": _name,
        "is_ca": _flag,
        "ca": _reference,
        "alternative_names": _alternative_names,
        "extended_key_usage": _usages,
        "duration": _days,
        "key_length": _key_length,
    },
}
TYPES = tuple(sorted(_JUDGES))
GIVEN_TYPES = ("json", "value")
"""CredHub's types that nothing generates: their values are set."""
