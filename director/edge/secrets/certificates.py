"""X.509 certificates as BOSH's `certificate` variables have them.

Takes a variable's spec and a look-up for its CA, gives {ca, certificate, private_key}.
Source: cloudfoundry/config-server types/certificate_generator.go; CredHub for the options that it alone has.
"""

import datetime
import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Collection, Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.errors import InputError
from director.model import variable_options
from director.model.environments.desired import VariableSpec

_DAYS, _KEY_LENGTH = 365, 3072
USAGES = {
    "client_auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server_auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "code_signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email_protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
}
SUBJECT = {
    "country": NameOID.COUNTRY_NAME,
    "state": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "organization_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "common_name": NameOID.COMMON_NAME,
}
"""The options that name the subject, in the order of its parts."""

SUBJECT_DEFAULTS = {"country": "US", "organization": "Cloud Foundry"}
KEY_USAGES = {name: "content_commitment" if name == "non_repudiation" else name for name in variable_options.KEY_USAGES}
"""What the library calls each."""

_LEAF_USAGES, _CA_USAGES = ("digital_signature", "key_encipherment"), ("key_cert_sign", "crl_sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A CA with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    pem: str


def make_certificate(variable: VariableSpec, look_up: Callable[[str], JsonValue]) -> JsonValue:
    """Generate key and certificate; the options were checked. Raises InputError, code missing-ca."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_number(variable, "key_length", _KEY_LENGTH))
    return certify_key(variable, key, _read_signer(variable, look_up) if variable.options.get("ca") else None)


def certify_key(variable: VariableSpec, key: rsa.RSAPrivateKey, signer: Signer | None) -> dict[str, JsonValue]:
    """Generate the certificate of this key, which signs itself without a signer."""
    builder = _with_extensions(_builder(variable, key, signer), variable, public=key.public_key(), signer=signer)
    certificate = builder.sign(signer.key if signer else key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return {"ca": signer.pem if signer else pem, "certificate": pem, "private_key": pem_of(key)}


def make_signer(variable: VariableSpec, key: rsa.RSAPrivateKey) -> Signer:
    """A CA of this key that signs itself."""
    value = certify_key(variable, key, None)
    pem = str(value["certificate"])
    return Signer(certificate=x509.load_pem_x509_certificate(pem.encode()), key=key, pem=pem)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    """The key as PKCS#1 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def _builder(variable: VariableSpec, key: rsa.RSAPrivateKey, signer: Signer | None) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    subject = _subject(variable)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(127) | 1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=_number(variable, "duration", _DAYS)))
    )


def _with_extensions(
    builder: x509.CertificateBuilder, variable: VariableSpec, *, public: rsa.RSAPublicKey, signer: Signer | None
) -> x509.CertificateBuilder:
    is_ca = variable.options.get("is_ca") is True
    own_usages = _texts(variable, "key_usage") or (_CA_USAGES if is_ca else _LEAF_USAGES)
    builder = builder.add_extension(_key_usage(own_usages), critical=True)
    if not is_ca:
        usages = [USAGES[name] for name in _usage_names(variable)]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    own = _key_id(public)
    builder = builder.add_extension(x509.SubjectKeyIdentifier(own), critical=False)
    issuer_id = _issuer_key_id(signer) if signer else own
    builder = builder.add_extension(x509.AuthorityKeyIdentifier(issuer_id, None, None), critical=False)
    names = [] if is_ca else _alternative_names(variable)
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False) if names else builder


def _key_id(public: rsa.RSAPublicKey) -> bytes:
    modulus = public.public_numbers().n
    raw = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    return hashlib.sha1(raw, usedforsecurity=False).digest()


def _issuer_key_id(signer: Signer) -> bytes:
    return signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _key_usage(usages: Collection[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{field: name in usages for name, field in KEY_USAGES.items()})


def _subject(variable: VariableSpec) -> x509.Name:
    parts = {name: str(variable.options.get(name) or SUBJECT_DEFAULTS.get(name, "")) for name in SUBJECT}
    return x509.Name([x509.NameAttribute(SUBJECT[name], part) for name, part in parts.items() if part])


def _alternative_names(variable: VariableSpec) -> list[x509.GeneralName]:
    return [_general_name(name) for name in _texts(variable, "alternative_names")]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage_names(variable: VariableSpec) -> list[str]:
    return _texts(variable, "extended_key_usage") or ["server_auth"]


def _texts(variable: VariableSpec, option: str) -> list[str]:
    names = variable.options.get(option) or ()
    assert isinstance(names, list | tuple)
    return [str(name) for name in names]


def _number(variable: VariableSpec, option: str, default: int) -> int:
    return int(str(variable.options.get(option, default)))


def _read_signer(variable: VariableSpec, look_up: Callable[[str], JsonValue]) -> Signer:
    name = str(variable.options["ca"])
    value = look_up(name)
    if not isinstance(value, Mapping) or not {"certificate", "private_key"} <= set(value):
        raise _missing(variable, f"names CA '{name}', which is not a certificate", why="Define the CA first.")
    pem = str(value["certificate"])
    key = serialization.load_pem_private_key(str(value["private_key"]).encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _missing(variable, f"names CA '{name}', whose key is not RSA", why="Use an RSA CA.")
    return Signer(certificate=x509.load_pem_x509_certificate(pem.encode()), key=key, pem=pem)


def _missing(variable: VariableSpec, what: str, *, why: str) -> InputError:
    return InputError(
        "missing-ca",
        f"Certificate variable '{variable.name}' {what}.",
        why=why,
        fix="Correct its options.",
        where=variable.where,
    )
