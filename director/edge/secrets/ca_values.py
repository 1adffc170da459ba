"""Values of certificates while their CA is replaced, and what may be shown of any certificate.

Takes a value and a change, gives the next value. A CA that is being replaced has two certificates in its field
`certificate`, of which the first one's key signs; the next key waits in a field that `get_secret` hides.
"""

import hashlib
from collections.abc import Callable, Mapping

from cryptography import x509

from cpi.contract.values import JsonValue
from director.edge.secrets import certificates
from director.model import ca_transition
from director.model.ca_transition import NEXT_KEY, CaPhase, CertificateFacts, SecretChange
from director.model.environments.desired import VariableSpec

_MEMBERS = {"ca", "certificate", "private_key"}


def changed_value(
    variable: VariableSpec, change: SecretChange, value: JsonValue, *, look_up: Callable[[str], JsonValue]
) -> JsonValue:
    """The value after the change; the same where it does not apply, such as in another phase.

    `value` has the hidden field. Raises ValueError for a certificate that cannot be read.
    """
    if not isinstance(value, Mapping) or not set(value) >= _MEMBERS:
        return value
    if change is SecretChange.TAKE_CA:
        ca = look_up(str(variable.options.get("ca")))
        return {**value, "ca": ca["certificate"]} if isinstance(ca, Mapping) and "certificate" in ca else value
    if phase_of(value) not in ca_transition.expected_phase(change):
        return value
    return _ca_value(variable, change, value)


def _ca_value(variable: VariableSpec, change: SecretChange, value: Mapping[str, JsonValue]) -> JsonValue:
    first, *others = _blocks(value)
    match change:
        case SecretChange.ADD_CA:
            made = certificates.make_certificate(variable, lambda _: None)
            assert isinstance(made, Mapping), "a certificate has fields"
            both = first + str(made["certificate"])
            hidden = {NEXT_KEY: made["private_key"]}
            return {"ca": both, "certificate": both, "private_key": value["private_key"], **hidden}
        case SecretChange.SWITCH_CA:
            both = others[-1] + first
            return {"ca": both, "certificate": both, "private_key": value[NEXT_KEY]}
        case _:
            return {"ca": first, "certificate": first, "private_key": value["private_key"]}


def phase_of(value: Mapping[str, JsonValue]) -> CaPhase:
    """The phase that the value shows."""
    if NEXT_KEY in value:
        return CaPhase.ADDED
    return CaPhase.SWITCHED if len(_blocks(value)) > 1 and value["ca"] == value["certificate"] else CaPhase.SETTLED


def facts_of(value: JsonValue) -> CertificateFacts | None:
    """What may be shown of a certificate; None for another value. Raises ValueError where it cannot be read."""
    if not isinstance(value, Mapping) or not set(value) >= _MEMBERS - {"ca"}:
        return None
    pem = str(value["certificate"])
    certificate = x509.load_pem_x509_certificate(pem.encode())
    extensions = [each.value for each in certificate.extensions]
    own = [each.digest for each in extensions if isinstance(each, x509.SubjectKeyIdentifier)]
    issuer = [each.key_identifier or b"" for each in extensions if isinstance(each, x509.AuthorityKeyIdentifier)]
    return CertificateFacts(
        ends_at=certificate.not_valid_after_utc.timestamp(),
        key_id=b"".join(own).hex(),
        issuer_key_id=b"".join(issuer).hex(),
        certificates=_digest(pem.encode()),
        ca=_digest(str(value.get("ca", "")).encode()),
        phase=phase_of({"ca": "", **value}),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _blocks(value: Mapping[str, JsonValue]) -> list[str]:
    end = "-----END CERTIFICATE-----\n"
    return [f"{block}{end}" for block in str(value["certificate"]).split(end) if block.strip()]
