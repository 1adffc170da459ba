"""Passwords, keys and certificates made, with the options BOSH variables have.

Takes a variable's spec and a look-up for its CA, gives its value as JSON.
Source: cloudfoundry/config-server types/, as the bosh CLI vendors it.
"""

import base64
import hashlib
import secrets
import string
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cpi.values import JsonValue
from director.edge import certificates
from director.errors import InputError
from director.model.desired import VariableSpec

_ALPHABET = string.ascii_lowercase + string.digits
_OPTIONS: Mapping[str, frozenset[str]] = {
    "password": frozenset({"length"}),
    "user": frozenset({"username", "length"}),
    "ssh": frozenset(),
    "rsa": frozenset(),
    "certificate": certificates.OPTIONS,
}


def make_value(variable: VariableSpec, look_up: Callable[[str], JsonValue]) -> JsonValue:
    """Generate the value. Raises InputError: unknown-variable-type, unknown-variable-option, bad-variable-option."""
    _check(variable)
    match variable.type:
        case "password":
            return _password(variable)
        case "user":
            return {"username": str(variable.options.get("username") or _letters(20)), "password": _password(variable)}
        case "ssh":
            return _ssh()
        case "rsa":
            return _rsa()
        case _:
            return certificates.make_certificate(variable, look_up)


def _check(variable: VariableSpec) -> None:
    if variable.type not in _OPTIONS:
        raise InputError(
            "unknown-variable-type",
            f"Variable '{variable.name}' has type '{variable.type}', which cannot be generated.",
            why=f"Types that can be: {', '.join(sorted(_OPTIONS))}.",
            fix="Correct the type, or give the value with -v.",
            where=variable.where,
        )
    unknown = sorted(set(variable.options) - _OPTIONS[variable.type])
    if unknown:
        raise InputError(
            "unknown-variable-option",
            f"Variable '{variable.name}' has the option '{unknown[0]}', which type '{variable.type}' does not know.",
            why=f"It knows: {', '.join(sorted(_OPTIONS[variable.type])) or 'none'}.",
            fix="Remove or correct the option.",
            where=variable.where,
        )


def _password(variable: VariableSpec) -> str:
    length = variable.options.get("length") or 20
    if not isinstance(length, int) or not 0 < length <= 4096:
        raise InputError(
            "bad-variable-option",
            f"Variable '{variable.name}' wants a password of length {length!r}.",
            why="A length is a number from 1 to 4096.",
            fix="Correct the option 'length'.",
            where=variable.where,
        )
    return _letters(length)


def _letters(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _rsa() -> JsonValue:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"private_key": certificates.pem_of(key), "public_key": public.decode()}


def _ssh() -> JsonValue:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return {"private_key": certificates.pem_of(key), "public_key": line + "\n", "public_key_fingerprint": pairs}
