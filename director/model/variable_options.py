"""What the options of a variable may be, type by type.

Takes a type and options, gives what is wrong with them; whatever passes can be generated.
Source: cloudfoundry/config-server types/, as the bosh CLI vendors it; CredHub's API for the options that it alone has;
X.520 (lengths of names), RFC 1123 (host names), RFC 5280 (key usages).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue

KEY_LENGTHS = (2048, 3072, 4096)
USAGES = ("client_auth", "server_auth", "code_signing", "email_protection", "timestamping")
KEY_USAGES = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
CHARACTERS = ("exclude_upper", "exclude_lower", "exclude_number", "include_special")
"""Any of these gives a password of CredHub's characters in place of the BOSH CLI's."""

PREVIOUS_OF = "previous_of"
"""The option of compleat: the variable has the value that another one had before the rotation that is under way."""

MAX_LENGTH = 4096
MAX_DAYS = 106_751
"""292 years: more days than these do not fit into the nanoseconds in which BOSH's config server counts."""

_MAX_NAME_BYTES = 64
_MAX_HOST = 253
_MAX_COMMENT = 255
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
                option=name, what=f"has the option `{name}: {_shown(value)}`", why=f"It must be {wanted}."
            )
    if kind == "certificate":
        yield from _certificate_problems(options)
    if options.get(PREVIOUS_OF) and len(options) > 1:
        why = "Its value is that of the variable named, so nothing is generated."
        yield OptionProblem(option=PREVIOUS_OF, what=f"has other options beside `{PREVIOUS_OF}`", why=why)
    if all(options.get(each) is True for each in CHARACTERS[:3]) and options.get("include_special") is not True:
        yield OptionProblem(
            option="exclude_number", what="excludes all characters", why="Nothing is left to choose from."
        )


def is_known_type(kind: str) -> bool:
    """Whether variables of this type can be generated."""
    return kind in _JUDGES


def _certificate_problems(options: Mapping[str, JsonValue]) -> Iterator[OptionProblem]:
    usages = options.get("key_usage")
    chosen = set(map(str, usages)) if isinstance(usages, list | tuple) else set()
    if chosen & {"encipher_only", "decipher_only"} and "key_agreement" not in chosen:
        why = "RFC 5280 defines `encipher_only` and `decipher_only` only beside `key_agreement`."
        yield OptionProblem(option="key_usage", what="has a `key_usage` without `key_agreement`", why=why)
    if options.get("self_sign") is True and options.get("ca"):
        yield OptionProblem(
            option="self_sign", what="has both `ca` and `self_sign: true`", why="One certificate has one signer."
        )
    if not options.get("ca") and options.get("is_ca") is not True and options.get("self_sign") is not True:
        why = "A certificate that is not a CA is signed by one, or by itself (`self_sign: true`)."
        yield OptionProblem(option="", what="has neither `ca` nor `is_ca: true`", why=why)


def _unknown(kind: str, name: str) -> OptionProblem:
    known = tuple(sorted(_JUDGES[kind]))
    listed = ", ".join(f"`{each}`" for each in known)
    why = f"Supported are {listed}." if known else "It has no options."
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
    return _choices(value, USAGES)


def _key_usages(value: JsonValue) -> str:
    return _choices(value, KEY_USAGES)


def _choices(value: JsonValue, choices: tuple[str, ...]) -> str:
    is_list = isinstance(value, list | tuple)
    chosen = [str(each) for each in value] if isinstance(value, list | tuple) else []
    fits = is_list and len(set(chosen)) == len(chosen) and set(chosen) <= set(choices)
    return "" if fits else f"a list of {', '.join(choices[:-1])} and {choices[-1]}, each at most once"


def _country(value: JsonValue) -> str:
    fits = isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()
    return "" if fits else "a country's code of two letters"


def _comment(value: JsonValue) -> str:
    fits = isinstance(value, str) and value.isprintable() and len(value) <= _MAX_COMMENT
    return "" if fits else f"one line of at most {_MAX_COMMENT} characters"


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


_PASSWORD: Mapping[str, Judge] = {
    "length": _password_length,
    PREVIOUS_OF: _reference,
    **dict.fromkeys(CHARACTERS, _flag),
}
_JUDGES: Mapping[str, Mapping[str, Judge]] = {
    "password": _PASSWORD,
    "user": {"username": _name, **_PASSWORD},
    "ssh": {"key_length": _key_length, "ssh_comment": _comment},
    "rsa": {"key_length": _key_length},
    "certificate": {
        "common_name": _common_name,
        "organization": _name,
        "organization_unit": _name,
        "locality": _name,
        "state": _name,
        "country": _country,
        "is_ca": _flag,
        "ca": _reference,
        "alternative_names": _alternative_names,
        "self_sign": _flag,
        "key_usage": _key_usages,
        "extended_key_usage": _usages,
        "duration": _days,
        "key_length": _key_length,
    },
}
TYPES = tuple(sorted(_JUDGES))
GIVEN_TYPES = ("json", "value")
"""CredHub's types that nothing generates: their values are set."""
