"""Passwords, keys and certificates made, with the options BOSH variables have.

Takes a variable's spec and a look-up for its CA, gives its value as JSON.
Source: cloudfoundry/config-server types/, as the bosh CLI vendors it; CredHub for the options that it alone has.
"""

import base64
import hashlib
import secrets
import string
from collections.abc import Callable, Mapping
from functools import cache

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
_SPECIAL = "$!@#%^&*()_-+=[]{}|;:,.<>?/~"
"""No quotes, no backslash, no blank."""


def make_value(variable: VariableSpec, look_up: Callable[[str], JsonValue]) -> JsonValue:
    """Generate the value. Raises InputError: unknown-variable-type, bad-variable-option, missing-ca."""
    _check(variable)
    current = variable.options.get(variable_options.PREVIOUS_OF)
    if isinstance(current, str):
        return look_up(current)
    match variable.type:
        case "password":
            return _password(variable)
        case "user":
            return _user(variable)
        case "ssh":
            comment = str(variable.options.get("ssh_comment") or "")
            return _ssh_value(_key(variable), comment)
        case "rsa":
            return _rsa(_key(variable))
        case _:
            return certificates.make_certificate(variable, look_up)


def make_sample(variable: VariableSpec) -> JsonValue:
    """A value as `make_value` generates it, for something that reads it and keeps nothing.

    All samples have the same key, of 2048 bits, because a key is what takes long. It never leaves this process.
    Raises InputError: unknown-variable-type, bad-variable-option.
    """
    _check(variable)
    match variable.type:
        case "ssh":
            return _ssh_value(_sample_key(), str(variable.options.get("ssh_comment") or ""))
        case "rsa":
            return _rsa(_sample_key())
        case "certificate":
            return certificates.certify_key(
                variable, _sample_key(), _sample_ca() if variable.options.get("ca") else None
            )
        case "user":
            return _user(variable)
        case _:
            return _password(variable)


def remake_ssh(private_key: str, public_key: str) -> JsonValue:
    """The value that `make_value` gave with this private key; None unless `public_key` is its other half."""
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    comment = " ".join(public_key.split()[2:])
    value = _ssh_value(key, comment) if isinstance(key, rsa.RSAPrivateKey) else {}
    is_same = public_key.split() == str(value.get("public_key", "")).split()
    return value if value and is_same else None


@cache
def _sample_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _sample_ca() -> certificates.Signer:
    variable = VariableSpec(name="sample", type="certificate", options={"is_ca": True, "common_name": "sample"})
    return certificates.make_signer(variable, _sample_key())


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


def _user(variable: VariableSpec) -> JsonValue:
    return {"username": str(variable.options.get("username") or _letters(20)), "password": _password(variable)}


def _password(variable: VariableSpec) -> str:
    length, kinds = int(str(variable.options.get("length", _PASSWORD_LENGTH))), _character_kinds(variable.options)
    while True:  # until it has one of each kind, if that many fit: CredHub's passwords have
        password = _letters(length, "".join(kinds))
        if length < len(kinds) or all(set(kind) & set(password) for kind in kinds):
            return password


def _character_kinds(options: Mapping[str, JsonValue]) -> list[str]:
    """The BOSH CLI's one, unless an option of CredHub chooses among CredHub's."""
    if not options.keys() & set(variable_options.CHARACTERS):
        return [_ALPHABET]
    kinds = {
        "exclude_upper": string.ascii_uppercase,
        "exclude_lower": string.ascii_lowercase,
        "exclude_number": string.digits,
    }
    kept = [letters for option, letters in kinds.items() if options.get(option) is not True]
    return [*kept, *([_SPECIAL] if options.get("include_special") is True else [])]


def _letters(length: int, alphabet: str = _ALPHABET) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _key(variable: VariableSpec) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=int(str(variable.options.get("key_length", 2048))))


def _rsa(key: rsa.RSAPrivateKey) -> JsonValue:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"private_key": certificates.pem_of(key), "public_key": public.decode()}


def _ssh_value(key: rsa.RSAPrivateKey, comment: str) -> dict[str, JsonValue]:
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    blob = base64.b64decode(line.split()[1])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    return {
        "private_key": certificates.pem_of(key),
        "public_key": f"{line} {comment}".rstrip() + "\n",
        "public_key_fingerprint": pairs,
    }
