"""What a generated value itself says of the type and options it was generated with.

Takes the variable as it is wanted and its value, gives a type and options. Source: director/edge/secrets/mint.py.
"""

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from cpi.contract.values import JsonValue
from director.edge.secrets import certificates
from director.model.environments.desired import VariableSpec

_DEFAULTS: Mapping[str, JsonValue] = {
    "alternative_names": [],
    "ca": "",
    "common_name": "",
    "duration": 365,
    "extended_key_usage": ["server_auth"],
    "country": "US",
    "is_ca": False,
    "key_length": 3072,
    "key_usage": ["digital_signature", "key_encipherment"],
    "length": 20,
    "locality": "",
    "organization": "Cloud Foundry",
    "organization_unit": "",
    "state": "",
    "username": "",
}
_GENERATED = re.compile(r"[a-z0-9]{20}")
"""A generated name, which stays in the vault."""
_USAGES = {oid: name for name, oid in certificates.USAGES.items()}


def type_of(value: JsonValue) -> str:
    """The type that generates such a value; "" for one that none does."""
    if isinstance(value, str):
        return "password"
    members = set(value) if isinstance(value, Mapping) else set()
    shapes = {
        "certificate": {"ca", "certificate", "private_key"},
        "ssh": {"private_key", "public_key", "public_key_fingerprint"},
        "rsa": {"private_key", "public_key"},
        "user": {"username", "password"},
    }
    return next((kind for kind, shape in shapes.items() if members == shape), "")


def options_of(
    variable: VariableSpec, value: JsonValue, look_up: Callable[[str], JsonValue]
) -> Mapping[str, JsonValue]:
    """The options wanted, and in their place those that the value contradicts: None for one that has its default.

    What a value cannot show counts as unchanged. Raises ValueError for a certificate that cannot be read.
    """
    options = dict(variable.options)
    for name, shown in _shown(variable, value, look_up).items():
        default = _DEFAULTS.get(name)
        if shown != (_plain(name, options.get(name)) or default):
            options[name] = None if shown == default else shown
    return options


def _shown(variable: VariableSpec, value: JsonValue, look_up: Callable[[str], JsonValue]) -> Mapping[str, JsonValue]:
    match type_of(value), value:
        case "password", str():
            return {"length": len(value)}
        case "user", {"username": str(name), "password": str(password)}:
            return {"username": "" if _GENERATED.fullmatch(name) else name, "length": len(password)}
        case "certificate", {"certificate": str(pem), "ca": str(ca)}:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            return {**_certificate(certificate), "ca": _signer(variable, certificate, ca=ca, look_up=look_up)}
        case _:
            return {}


def _certificate(certificate: x509.Certificate) -> Mapping[str, JsonValue]:
    key = certificate.public_key()
    is_ca = any(each.value.ca for each in certificate.extensions if isinstance(each.value, x509.BasicConstraints))
    lasting = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    shown: dict[str, JsonValue] = {
        **{option: _attribute(certificate.subject, oid) for option, oid in certificates.SUBJECT.items()},
        "duration": round(lasting / datetime.timedelta(days=1)),
        "is_ca": is_ca,
    }
    if isinstance(key, rsa.RSAPublicKey):
        shown["key_length"] = key.key_size
    return shown if is_ca else {**shown, **_uses(certificate)}


def _uses(certificate: x509.Certificate) -> Mapping[str, JsonValue]:
    """A CA has its own, whatever its options say."""
    values = [each.value for each in certificate.extensions]
    usages = [usage for value in values if isinstance(value, x509.ExtendedKeyUsage) for usage in value]
    names = [name for value in values if isinstance(value, x509.SubjectAlternativeName) for name in value]
    return {
        "alternative_names": [_plain_host(str(name.value)) for name in names],
        "extended_key_usage": [_USAGES.get(usage, usage.dotted_string) for usage in usages],
        "key_usage": [name for value in values if isinstance(value, x509.KeyUsage) for name in _key_usages(value)],
    }


def _key_usages(usage: x509.KeyUsage) -> list[str]:
    """The library raises ValueError for the last two where there is no key agreement."""
    agreed = ("encipher_only", "decipher_only")
    asked = {
        name: field for name, field in certificates.KEY_USAGES.items() if usage.key_agreement or name not in agreed
    }
    return [name for name, field in asked.items() if getattr(usage, field)]


def _signer(
    variable: VariableSpec, certificate: x509.Certificate, *, ca: str, look_up: Callable[[str], JsonValue]
) -> str:
    """The name of the CA wanted if that one signed it; else the subject of the one that did, "" for its own."""
    wanted = variable.options.get("ca")
    if isinstance(wanted, str) and wanted:
        signer = look_up(wanted)
        if isinstance(signer, Mapping) and signer.get("certificate") == ca:
            return wanted
    own = x509.load_pem_x509_certificate(ca.encode()) == certificate
    return "" if own else certificate.issuer.rfc4514_string()


def _attribute(subject: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return next((str(each.value) for each in subject.get_attributes_for_oid(oid)), "")


def _plain(name: str, wanted: JsonValue) -> JsonValue:
    """An option as the value would show it."""
    if name == "alternative_names" and isinstance(wanted, list | tuple):
        return [_plain_host(str(each)) for each in wanted]
    if name == "key_usage" and isinstance(wanted, list | tuple):
        return [each for each in certificates.KEY_USAGES if each in wanted]
    return list(wanted) if isinstance(wanted, list | tuple) else wanted


def _plain_host(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name
