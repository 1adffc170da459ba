"""What may be wrong with a cloud's settings or account, and the code that tells it: a table for the page and the tests.

Takes nothing, gives rows by cloud. A test of the cloud makes each of them wrong; the page of the errors shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CONNECTING, DOCTOR, CALL = (
    "before anything is sent",
    "by `doctor`, and before the first create",
    "by the call that meets it",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`wrong` in a person's words; `when` is one of the three above."""

    wrong: str
    when: str
    code: str


AZURE = (
    Told(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="no tenant_id", when=CONNECTING, code="azure-no-tenant"),
    Told(wrong="the principal's file is not there", when=CONNECTING, code="azure-principal-file"),
    Told(wrong="others may read the principal's file", when=CONNECTING, code="azure-principal-file"),
    Told(wrong="ca_file is not there", when=CONNECTING, code="azure-ca-file"),
    Told(wrong="a wrong secret", when=DOCTOR, code="azure-sign-in"),
    Told(wrong="an expired secret", when=DOCTOR, code="azure-secret-expired"),
    Told(wrong="a secret whose last day has passed, by the file", when=DOCTOR, code="azure-secret-expires"),
    Told(wrong="an unknown client_id", when=DOCTOR, code="azure-sign-in"),
    Told(wrong="an unknown tenant", when=DOCTOR, code="azure-tenant-unknown"),
    Told(wrong="an unknown subscription", when=DOCTOR, code="azure-subscription-unknown"),
    Told(wrong="nobody listens at the endpoint", when=DOCTOR, code="azure-unreachable"),
    Told(wrong="the sign-in's endpoint is wrong", when=DOCTOR, code="azure-unreachable"),
    Told(wrong="the endpoint's certificate is not trusted", when=DOCTOR, code="azure-not-trusted"),
    Told(wrong="an expired token", when=CALL, code="azure-sign-in"),
    Told(wrong="this machine's clock", when=DOCTOR, code="azure-clock-skew"),
    Told(wrong="an unknown location", when=DOCTOR, code="azure-location-unknown"),
    Told(wrong="a permission is missing", when=DOCTOR, code="azure-permissions"),
    Told(wrong="a permission was taken away", when=CALL, code="azure-denied"),
    Told(wrong="a policy forbids it", when=CALL, code="azure-denied"),
    Told(wrong="a provider is not registered", when=DOCTOR, code="azure-provider-missing"),
    Told(wrong="the resource group that is named is not there", when=DOCTOR, code="azure-group-missing"),
    Told(wrong="all storage account names are taken", when=DOCTOR, code="azure-account-taken"),
    Told(wrong="a quota is too low", when=DOCTOR, code="azure-quota"),
    Told(wrong="a size that is not offered", when=DOCTOR, code="azure-size-not-offered"),
    Told(wrong="an image that is not there", when=DOCTOR, code="azure-image-missing"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property that nothing acts on", when=DOCTOR, code="azure-property-not-supported"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="azure-address-taken"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="azure-gone"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="azure-gone"),
    Told(wrong="the subnet was deleted behind our back", when=CALL, code="azure-gone"),
    Told(wrong="somebody else's resource group has our name", when=CALL, code="azure-not-ours"),
    Told(wrong="somebody else's VM has our name", when=CALL, code="azure-not-ours"),
    Told(wrong="somebody else's disk has our name", when=CALL, code="azure-not-ours"),
)

TOLD: Mapping[str, tuple[Told, ...]] = {"Azure": AZURE}
