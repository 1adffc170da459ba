"""What may be wrong with a cloud's settings or account, and the code that tells it: a table for the page and the tests.

Takes nothing, gives rows by cloud. A test of the cloud makes each of them wrong; the page of the errors shows them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from cpi.contract.errors import CloudError

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
    Told(wrong="no tenant_id", when=CONNECTING, code="tenant-missing"),
    Told(wrong="the principal's file is not there", when=CONNECTING, code="principal-file-unusable"),
    Told(wrong="others may read the principal's file", when=CONNECTING, code="principal-file-unusable"),
    Told(wrong="ca_file is not there", when=CONNECTING, code="ca-file-missing"),
    Told(wrong="a wrong secret", when=DOCTOR, code="credentials-refused"),
    Told(wrong="an expired secret", when=DOCTOR, code="credentials-expired"),
    Told(wrong="a secret whose last day has passed, by the file", when=DOCTOR, code="credentials-expiring"),
    Told(wrong="an unknown client_id", when=DOCTOR, code="credentials-refused"),
    Told(wrong="an unknown tenant", when=DOCTOR, code="unknown-tenant"),
    Told(wrong="an unknown subscription", when=DOCTOR, code="unknown-subscription"),
    Told(wrong="nobody listens at the endpoint", when=DOCTOR, code="cloud-unreachable"),
    Told(wrong="the sign-in's endpoint is wrong", when=DOCTOR, code="cloud-unreachable"),
    Told(wrong="the endpoint's certificate is not trusted", when=DOCTOR, code="cloud-not-trusted"),
    Told(wrong="an expired token", when=CALL, code="credentials-refused"),
    Told(wrong="this machine's clock", when=DOCTOR, code="clock-skew"),
    Told(wrong="an unknown location", when=DOCTOR, code="unknown-location"),
    Told(wrong="a permission is missing", when=DOCTOR, code="permissions-missing"),
    Told(wrong="a permission was taken away", when=CALL, code="not-authorized"),
    Told(wrong="a policy forbids it", when=CALL, code="policy-refused"),
    Told(wrong="a provider is not registered", when=DOCTOR, code="provider-not-registered"),
    Told(wrong="the resource group that is named is not there", when=DOCTOR, code="unknown-resource-group"),
    Told(wrong="all storage account names are taken", when=DOCTOR, code="name-taken"),
    Told(wrong="a quota is too low", when=DOCTOR, code="quota-exceeded"),
    Told(wrong="a size that is not offered", when=DOCTOR, code="unknown-instance-type"),
    Told(wrong="an image that is not there", when=DOCTOR, code="unknown-image"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property that nothing acts on", when=DOCTOR, code="property-not-supported"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="address-taken"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="not-found"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="not-found"),
    Told(wrong="the subnet was deleted behind our back", when=CALL, code="not-found"),
    Told(wrong="somebody else's resource group has our name", when=CALL, code="name-taken"),
    Told(wrong="somebody else's VM has our name", when=CALL, code="name-taken"),
    Told(wrong="somebody else's disk has our name", when=CALL, code="name-taken"),
)

AWS = (
    Told(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a region that cannot be one", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an endpoint that is no address", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a key without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an unknown key", when=DOCTOR, code="credentials-refused"),
    Told(wrong="a wrong secret", when=DOCTOR, code="credentials-refused"),
    Told(wrong="an expired session", when=DOCTOR, code="credentials-expired"),
    Told(wrong="an unknown profile", when=DOCTOR, code="credentials-missing"),
    Told(wrong="an account that is not open for the region", when=DOCTOR, code="account-not-enabled"),
    Told(wrong="nobody listens at the endpoint", when=DOCTOR, code="cloud-unreachable"),
    Told(wrong="an endpoint whose name does not resolve", when=DOCTOR, code="cloud-unreachable"),
    Told(wrong="an endpoint that is not trusted", when=DOCTOR, code="cloud-not-trusted"),
    Told(wrong="this machine's clock", when=DOCTOR, code="clock-skew"),
    Told(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Told(wrong="a permission is missing", when=DOCTOR, code="permissions-missing"),
    Told(wrong="a quota is too low", when=DOCTOR, code="quota-exceeded"),
    Told(wrong="an unknown instance type", when=DOCTOR, code="unknown-instance-type"),
    Told(wrong="an image that is not there", when=DOCTOR, code="unknown-image"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property of a wrong shape", when=DOCTOR, code="wrong-cloud-property"),
    Told(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Told(wrong="an unknown instance profile", when=DOCTOR, code="unknown-instance-profile"),
    Told(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="address-taken"),
    Told(wrong="somebody else's bucket has our name", when=DOCTOR, code="name-taken"),
    Told(wrong="a session that expired meanwhile", when=CALL, code="credentials-expired"),
    Told(wrong="a permission was taken away", when=CALL, code="not-authorized"),
    Told(wrong="AWS has no room", when=CALL, code="no-capacity"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="not-found"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="not-visible-yet"),
    Told(wrong="the subnet was deleted behind our back", when=CALL, code="unknown-network"),
    Told(wrong="the image was deleted behind our back", when=CALL, code="not-found"),
)

OPENSTACK = (
    Told(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an address of Keystone that is none", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="no project", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an application credential without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a cloud that clouds.yaml has not", when=DOCTOR, code="credentials-missing"),
    Told(wrong="a wrong password", when=DOCTOR, code="credentials-refused"),
    Told(wrong="an unknown user", when=DOCTOR, code="credentials-refused"),
    Told(wrong="an unknown project", when=DOCTOR, code="credentials-refused"),
    Told(wrong="a password or application credential that ends soon", when=DOCTOR, code="credentials-expiring"),
    Told(wrong="a login that may only read", when=DOCTOR, code="permissions-doubtful"),
    Told(wrong="an unknown region", when=DOCTOR, code="service-missing"),
    Told(wrong="nobody listens at auth_url", when=DOCTOR, code="cloud-unreachable"),
    Told(wrong="an auth_url whose certificate is not trusted", when=DOCTOR, code="cloud-not-trusted"),
    Told(wrong="an auth_url without a Keystone", when=DOCTOR, code="endpoint-wrong"),
    Told(wrong="an unknown external network", when=DOCTOR, code="external-network-missing"),
    Told(wrong="DNS names where there are none", when=DOCTOR, code="dns-names-not-supported"),
    Told(wrong="a quota is too low", when=DOCTOR, code="quota-exceeded"),
    Told(wrong="an unknown flavour", when=DOCTOR, code="unknown-instance-type"),
    Told(wrong="an image that is not there", when=DOCTOR, code="unknown-image"),
    Told(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Told(wrong="an unknown volume type", when=DOCTOR, code="unknown-volume-type"),
    Told(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Told(wrong="an unknown network", when=DOCTOR, code="unknown-network"),
    Told(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property of a wrong shape", when=DOCTOR, code="wrong-cloud-property"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="address-taken"),
    Told(wrong="networks whose ranges overlap", when=DOCTOR, code="ranges-overlap"),
    Told(wrong="credentials that ended meanwhile", when=CALL, code="credentials-refused"),
    Told(wrong="a permission was taken away", when=CALL, code="not-authorized"),
    Told(wrong="a quota that somebody else used up meanwhile", when=CALL, code="quota-exceeded"),
    Told(wrong="a portal that answers in OpenStack's stead", when=CALL, code="answer-malformed"),
    Told(wrong="the network was deleted behind our back", when=CALL, code="not-found"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="unknown-vm"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="unknown-disk"),
    Told(wrong="somebody else's router has our name", when=CALL, code="name-taken"),
)

TOLD: Mapping[str, tuple[Told, ...]] = {"AWS": AWS, "Azure": AZURE, "OpenStack": OPENSTACK}


def require(row: Told, make: Callable[[], object]) -> None:
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
