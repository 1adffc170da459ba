"""How secrets change, and in which phase of its replacement a certificate authority is.

Takes nothing, gives frozen values. Source: BOSH's rotation of a CA in three deploys (both are trusted before the new
one signs, and the old one goes after everything is signed by the new one), cloudfoundry/docs-bosh ca-rotation.
"""

from collections.abc import Mapping, Sequence
from enum import Enum

from cpi.contract.value_classes import dataclass


class SecretChange(Enum):
    """What makes the next version of a secret.

    ADD_CA: a new certificate stands behind the one that signs. SWITCH_CA: the new one signs, the old one stands behind
    it. DROP_CA: the old one goes. TAKE_CA: a signed certificate stays as it is, its `ca` becomes that of its CA.
    """

    GENERATE = "generate"
    ADD_CA = "add-ca"
    SWITCH_CA = "switch-ca"
    DROP_CA = "drop-ca"
    TAKE_CA = "take-ca"


class CaPhase(Enum):
    """What the value of a CA has: one certificate; a new one behind the one that signs; the old one behind it."""

    SETTLED = "settled"
    ADDED = "added"
    SWITCHED = "switched"


NEXT_CHANGE: Mapping[CaPhase, SecretChange] = {
    CaPhase.SETTLED: SecretChange.ADD_CA,
    CaPhase.ADDED: SecretChange.SWITCH_CA,
    CaPhase.SWITCHED: SecretChange.DROP_CA,
}
SIGNED_CHANGE: Mapping[SecretChange, SecretChange] = {
    SecretChange.GENERATE: SecretChange.GENERATE,
    SecretChange.ADD_CA: SecretChange.TAKE_CA,
    SecretChange.SWITCH_CA: SecretChange.GENERATE,
    SecretChange.DROP_CA: SecretChange.TAKE_CA,
}
"""What a change of a CA makes of the certificates that it signs."""


NEXT_KEY = "next_private_key"
"""The field of a CA's value in the vault that has the next key until it signs; nothing but its change sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What is known of a certificate and may be shown. `ends_at` is Unix time in s; keys are named by their hashes.

    `certificates` and `ca` are digests of the fields `certificate` and `ca`.
    """

    ends_at: float
    key_id: str
    issuer_key_id: str
    certificates: str
    ca: str
    phase: CaPhase = CaPhase.SETTLED


def outdated_change(signed: CertificateFacts, ca: CertificateFacts) -> SecretChange | None:
    """What makes a certificate match its CA: one that another key signed is generated; None if it matches."""
    if signed.issuer_key_id != ca.key_id:
        return SecretChange.GENERATE
    return SecretChange.TAKE_CA if signed.ca != ca.certificates else None


def expected_phase(change: SecretChange) -> Sequence[CaPhase]:
    """The phases from which a change of a CA is made."""
    return [phase for phase, next_change in NEXT_CHANGE.items() if next_change is change]
