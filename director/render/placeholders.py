"""Secrets that are none: values of the right shape, so that everything renders without a vault.

Takes the variables to generate, gives a way to get their would-be values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

from cpi.contract.values import JsonValue
from director.model.environments.desired import Job, VariableSpec
from director.model.environments.instance_spec import InstanceSpec
from director.model.secret_ref import Property, SecretRef, SecretText

NOTHING_KNOWN: Mapping[str, JsonValue] = MappingProxyType({})

_PASSWORD_LENGTH = 20
_PARSES_KEYS = b"OpenSSL"
"""Ruby's module for certificates and keys."""


def placeholder_secrets(
    variables: Iterable[VariableSpec],
    references: Iterable[SecretRef] = (),
    *,
    known: Mapping[str, JsonValue] = NOTHING_KNOWN,
) -> Callable[[str], JsonValue]:
    """What gives each variable a value shaped as its type; those of `known` have the value that it holds.

    A name that no variable has (someone puts its value into the vault) gets the fields that `references` ask of it,
    or is a text.
    """
    values = {**{variable.name: _value_of(variable) for variable in variables}, **known}
    asked: dict[str, JsonValue] = {}
    for reference in references:
        asked[reference.name] = _with_path(asked.get(reference.name), reference.path)

    def secret(name: str) -> JsonValue:
        return values.get(name) or asked.get(name) or "placeholder"

    return secret


def parsed_secrets(specs: Iterable[InstanceSpec]) -> frozenset[str]:
    """The names of secrets that a template may parse as a certificate or a key: those of its job and its links."""
    parsing = [
        each for each in _jobs_and_links(specs) if any(_PARSES_KEYS in one.content for one in each[0].source.templates)
    ]
    return frozenset(found.name for each in parsing for found in _references_of(*each))


def seen_references(specs: Iterable[InstanceSpec]) -> Iterator[SecretRef]:
    """Every secret that a job's templates may see: those of its properties and of its links."""
    for job, links in _jobs_and_links(specs):
        yield from _references_of(job, links)


def _jobs_and_links(specs: Iterable[InstanceSpec]) -> Iterable[tuple[Job, Mapping[str, Property]]]:
    """Each job once, with its links."""
    return {id(job): (job, spec.links.get(job.name, {})) for spec in specs for job in spec.jobs}.values()


def _references_of(job: Job, links: Mapping[str, Property]) -> Iterator[SecretRef]:
    for place in (job.properties, links):
        yield from references_in(place)


def references_in(value: Property) -> Iterator[SecretRef]:
    """Every secret named anywhere in the value."""
    match value:
        case SecretRef():
            yield value
        case SecretText():
            yield from (part for part in value.parts if isinstance(part, SecretRef))
        case str() | bool() | int() | float() | None:
            return
        case Mapping():
            for member in value.values():
                yield from references_in(member)
        case Sequence():
            for member in value:
                yield from references_in(member)
        case _:
            assert_never(value)


def _value_of(variable: VariableSpec) -> JsonValue:
    match variable.type:
        case "password":
            length = variable.options.get("length")
            return "x" * (length if isinstance(length, int) and length > 0 else _PASSWORD_LENGTH)
        case "certificate":
            certificate = _pem("CERTIFICATE")
            return {"ca": certificate, "certificate": certificate, "private_key": _pem("RSA PRIVATE KEY")}
        case "rsa":
            return {"public_key": _pem("PUBLIC KEY"), "private_key": _pem("RSA PRIVATE KEY")}
        case "ssh":
            return {
                "public_key": "ssh-rsa AAAAplaceholder",
                "private_key": _pem("RSA PRIVATE KEY"),
                "public_key_fingerprint": "00:" * 15 + "00",
            }
        case "user":
            return {"username": "user", "password": "x" * _PASSWORD_LENGTH, "password_hash": "$6$placeholder"}
        case _:
            return "placeholder"


def _pem(label: str) -> str:
    return f"-----BEGIN {label}-----\ncGxhY2Vob2xkZXI=\n-----END {label}-----\n"


def _with_path(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    if not path:
        return value
    fields = value if isinstance(value, Mapping) else {}
    return {**fields, path[0]: _with_path(fields.get(path[0], "placeholder"), path[1:])}
