"""Passwords, keys and certificates made, with the options BOSH variables have.

Takes a variable's spec and a look-up for its CA, gives its value as JSON.
Source: cloudfoundry/config-server types/, as the bosh CLI vendors it.
"""

import base64
import hashlib
import secrets
import string
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cpi.contract.values import JsonValue
from director.edge.secrets import certificates
from director.errors import InputError, raise_all
from director.model import variable_options
from director.model.environments.desired import VariableSpec

_PASSWORD_LENGTH = 20
_ALPHABET = string.ascii_lowercase + string.digits


def make_value(variable: VariableSpec, look_up: Callable[[str], JsonValue]) -> JsonValue:
    """Generate the value. Raises InputError: unknown-variable-type, bad-variable-option, missing-ca."""
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


def remake_ssh(private_key: str, public_key: str) -> JsonValue:
    """The value that `make_value` gave with this private key; None unless `public_key` is its other half."""
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    value = _ssh_value(key) if isinstance(key, rsa.RSAPrivateKey) else {}
    is_same = public_key.split()[:2] == str(value.get("public_key", "")).split()
    return value if value and is_same else None


def _check(variable: VariableSpec) -> None:
    if not variable_options.is_known_type(variable.type):
        raise InputError(
            "unknown-variable-type",
            f"Variable '{variable.name}' has type '{variable.type}', which cannot be generated.",
            why=f"Types that can be generated: {', '.join(variable_options.TYPES)}.",
            fix="Correct the type, or give the value with -v.",
            where=variable.where,
        )
    raise_all(
        InputError(
            "bad-variable-option",
            f"Variable '{variable.name}' {problem.what}.",
            why=problem.why,
            fix="Correct its options.",
            where=variable.where,
        )
        for problem in variable_options.option_problems(variable.type, variable.options)
    )


def _password(variable: VariableSpec) -> str:
    return _letters(int(str(variable.options.get("length", _PASSWORD_LENGTH))))


def _letters(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _rsa() -> JsonValue:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"private_key": certificates.pem_of(key), "public_key": public.decode()}


def _ssh() -> JsonValue:
    return _ssh_value(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _ssh_value(key: rsa.RSAPrivateKey) -> dict[str, JsonValue]:
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return {"private_key": certificates.pem_of(key), "public_key": line + "\n", "public_key_fingerprint": pairs}
