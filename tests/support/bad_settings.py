"""What may be wrong with a cloud's settings or account, and the code that tells it: a table for the page and the tests.

Takes nothing, gives rows by cloud. A test of the cloud makes each of them wrong; the page of the errors shows them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from cpi.contract.errors import CloudError

CONNECTING, DOCTOR, CALL = (
    "when the cloud is connected, before any call",
    "by `doctor` and preflight",
    "by the first call that it affects",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`wrong` in a person's words; `when` is one of the three above."""

    wrong: str
    when: str
    code: str


AZURE = (
    Reported(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="no tenant_id", when=CONNECTING, code="tenant-missing"),
    Reported(wrong="a missing principal's file", when=CONNECTING, code="principal-file-unusable"),
    Reported(wrong="a principal's file that other users may read", when=CONNECTING, code="principal-file-unusable"),
    Reported(wrong="a missing ca_file", when=CONNECTING, code="ca-file-missing"),
    Reported(wrong="a wrong secret", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="an expired secret", when=DOCTOR, code="credentials-expired"),
    Reported(wrong="a secret that has expired according to its file", when=DOCTOR, code="credentials-expired"),
    Reported(wrong="an unknown client_id", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="an unknown tenant", when=DOCTOR, code="unknown-tenant"),
    Reported(wrong="an unknown subscription", when=DOCTOR, code="unknown-subscription"),
    Reported(wrong="an endpoint with a closed port", when=DOCTOR, code="cloud-unreachable"),
    Reported(wrong="a wrong sign-in endpoint", when=DOCTOR, code="cloud-unreachable"),
    Reported(wrong="an endpoint with an untrusted certificate", when=DOCTOR, code="cloud-not-trusted"),
    Reported(wrong="an expired token", when=CALL, code="credentials-refused"),
    Reported(wrong="a wrong clock on this machine", when=DOCTOR, code="clock-skew"),
    Reported(wrong="an unknown location", when=DOCTOR, code="unknown-location"),
    Reported(wrong="a missing permission", when=DOCTOR, code="permissions-missing"),
    Reported(wrong="a permission that was revoked", when=CALL, code="not-authorized"),
    Reported(wrong="a policy that forbids a resource", when=CALL, code="policy-refused"),
    Reported(wrong="a provider that is not registered", when=DOCTOR, code="provider-not-registered"),
    Reported(wrong="a named resource group that does not exist", when=DOCTOR, code="unknown-resource-group"),
    Reported(wrong="storage account names that are all taken", when=DOCTOR, code="name-taken"),
    Reported(wrong="a quota that is too low", when=DOCTOR, code="quota-exceeded"),
    Reported(wrong="an unknown VM size", when=DOCTOR, code="unknown-instance-type"),
    Reported(wrong="an unknown image", when=DOCTOR, code="unknown-image"),
    Reported(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Reported(wrong="an unsupported cloud property", when=DOCTOR, code="property-not-supported"),
    Reported(wrong="an address that is in use", when=DOCTOR, code="address-taken"),
    Reported(wrong="a VM that was deleted outside compleat", when=CALL, code="not-found"),
    Reported(wrong="a disk that was deleted outside compleat", when=CALL, code="not-found"),
    Reported(wrong="a subnet that was deleted outside compleat", when=CALL, code="not-found"),
    Reported(wrong="a resource group of another owner with the same name", when=CALL, code="name-taken"),
    Reported(wrong="a VM of another owner with the same name", when=CALL, code="name-taken"),
    Reported(wrong="a disk of another owner with the same name", when=CALL, code="name-taken"),
)

AWS = (
    Reported(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="an invalid region", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="an invalid endpoint", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="a key without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="an unknown key", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="a wrong secret", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="an expired session", when=DOCTOR, code="credentials-expired"),
    Reported(wrong="an unknown profile", when=DOCTOR, code="credentials-missing"),
    Reported(wrong="an account without access to the region", when=DOCTOR, code="account-not-enabled"),
    Reported(wrong="an endpoint with a closed port", when=DOCTOR, code="cloud-unreachable"),
    Reported(wrong="an endpoint whose name does not resolve", when=DOCTOR, code="cloud-unreachable"),
    Reported(wrong="an endpoint with an untrusted certificate", when=DOCTOR, code="cloud-not-trusted"),
    Reported(wrong="a wrong clock on this machine", when=DOCTOR, code="clock-skew"),
    Reported(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Reported(wrong="a missing permission", when=DOCTOR, code="permissions-missing"),
    Reported(wrong="a quota that is too low", when=DOCTOR, code="quota-exceeded"),
    Reported(wrong="an unknown instance type", when=DOCTOR, code="unknown-instance-type"),
    Reported(wrong="an unknown image", when=DOCTOR, code="unknown-image"),
    Reported(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Reported(wrong="an invalid cloud property", when=DOCTOR, code="wrong-cloud-property"),
    Reported(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Reported(wrong="an unknown instance profile", when=DOCTOR, code="unknown-instance-profile"),
    Reported(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Reported(wrong="an address that is in use", when=DOCTOR, code="address-taken"),
    Reported(wrong="a bucket of another owner with the same name", when=DOCTOR, code="name-taken"),
    Reported(wrong="a session that expired during the command", when=CALL, code="credentials-expired"),
    Reported(wrong="a permission that was revoked", when=CALL, code="not-authorized"),
    Reported(wrong="a zone without capacity", when=CALL, code="no-capacity"),
    Reported(wrong="a VM that was deleted outside compleat", when=CALL, code="not-found"),
    Reported(wrong="a disk that was deleted outside compleat", when=CALL, code="not-visible-yet"),
    Reported(wrong="a subnet that was deleted outside compleat", when=CALL, code="unknown-network"),
    Reported(wrong="an image that was deleted outside compleat", when=CALL, code="not-found"),
)

OPENSTACK = (
    Reported(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="an invalid auth_url", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="no project", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="an application credential without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Reported(wrong="a cloud that is not in clouds.yaml", when=DOCTOR, code="credentials-missing"),
    Reported(wrong="a wrong password", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="an unknown user", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="an unknown project", when=DOCTOR, code="credentials-refused"),
    Reported(wrong="a password or application credential that expires soon", when=DOCTOR, code="credentials-expiring"),
    Reported(wrong="a login that may only read", when=DOCTOR, code="permissions-doubtful"),
    Reported(wrong="an unknown region", when=DOCTOR, code="service-missing"),
    Reported(wrong="an auth_url with a closed port", when=DOCTOR, code="cloud-unreachable"),
    Reported(wrong="an auth_url with an untrusted certificate", when=DOCTOR, code="cloud-not-trusted"),
    Reported(wrong="an auth_url without a Keystone", when=DOCTOR, code="endpoint-wrong"),
    Reported(wrong="an unknown external network", when=DOCTOR, code="external-network-missing"),
    Reported(wrong="DNS names on a cloud without DNS", when=DOCTOR, code="dns-names-not-supported"),
    Reported(wrong="a quota that is too low", when=DOCTOR, code="quota-exceeded"),
    Reported(wrong="an unknown flavor", when=DOCTOR, code="unknown-instance-type"),
    Reported(wrong="an unknown image", when=DOCTOR, code="unknown-image"),
    Reported(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Reported(wrong="an unknown volume type", when=DOCTOR, code="unknown-volume-type"),
    Reported(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Reported(wrong="an unknown network", when=DOCTOR, code="unknown-network"),
    Reported(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Reported(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Reported(wrong="an invalid cloud property", when=DOCTOR, code="wrong-cloud-property"),
    Reported(wrong="an address that is in use", when=DOCTOR, code="address-taken"),
    Reported(wrong="networks whose ranges overlap", when=DOCTOR, code="ranges-overlap"),
    Reported(wrong="credentials that expired during the command", when=CALL, code="credentials-refused"),
    Reported(wrong="a permission that was revoked", when=CALL, code="not-authorized"),
    Reported(wrong="a quota that was used up during the command", when=CALL, code="quota-exceeded"),
    Reported(wrong="a login portal that answers instead of OpenStack", when=CALL, code="answer-malformed"),
    Reported(wrong="a network that was deleted outside compleat", when=CALL, code="not-found"),
    Reported(wrong="a VM that was deleted outside compleat", when=CALL, code="unknown-vm"),
    Reported(wrong="a disk that was deleted outside compleat", when=CALL, code="unknown-disk"),
    Reported(wrong="a router of another owner with the same name", when=CALL, code="name-taken"),
)

REPORTED: Mapping[str, tuple[Reported, ...]] = {"AWS": AWS, "Azure": AZURE, "OpenStack": OPENSTACK}


def require(row: Reported, make: Callable[[], object]) -> None:
    """`make` plants the fault, and gives the codes of doctor's findings, or raises: the report must match the row."""
    if row.when == DOCTOR:
        found = make()
        assert isinstance(found, list)
        assert set(found) == {row.code}, f"{row.wrong} was told as {found}"
        return
    with pytest.raises(CloudError) as raised:
        make()
    error = raised.value
    assert error.code == row.code, f"{row.wrong} was told as {error.code}"
    assert error.what and error.why and error.fix
    assert "hush" not in f"{error!r}{error.what}{error.why}{error.fix}"
