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
    Told(wrong="a policy forbids it", when=CALL, code="azure-policy"),
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

AWS = (
    Told(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a region that cannot be one", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an endpoint that is no address", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a key without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an unknown key", when=DOCTOR, code="aws-credentials-refused"),
    Told(wrong="a wrong secret", when=DOCTOR, code="aws-credentials-refused"),
    Told(wrong="an expired session", when=DOCTOR, code="aws-credentials-expired"),
    Told(wrong="an unknown profile", when=DOCTOR, code="aws-credentials-missing"),
    Told(wrong="an account that is not open for the region", when=DOCTOR, code="aws-account-not-enabled"),
    Told(wrong="nobody listens at the endpoint", when=DOCTOR, code="aws-unreachable"),
    Told(wrong="an endpoint whose name does not resolve", when=DOCTOR, code="aws-unreachable"),
    Told(wrong="an endpoint that is not trusted", when=DOCTOR, code="aws-not-trusted"),
    Told(wrong="this machine's clock", when=DOCTOR, code="clock-skewed"),
    Told(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Told(wrong="a permission is missing", when=DOCTOR, code="aws-permissions-missing"),
    Told(wrong="a quota is too low", when=DOCTOR, code="aws-quota-exceeded"),
    Told(wrong="an unknown instance type", when=DOCTOR, code="unknown-instance-type"),
    Told(wrong="an image that is not there", when=DOCTOR, code="unknown-image"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property of a wrong shape", when=DOCTOR, code="wrong-cloud-property"),
    Told(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Told(wrong="an unknown instance profile", when=DOCTOR, code="unknown-instance-profile"),
    Told(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="address-taken"),
    Told(wrong="somebody else's bucket has our name", when=DOCTOR, code="bucket-not-ours"),
    Told(wrong="a session that expired meanwhile", when=CALL, code="aws-credentials-expired"),
    Told(wrong="a permission was taken away", when=CALL, code="aws-not-authorized"),
    Told(wrong="AWS has no room", when=CALL, code="aws-no-capacity"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="aws-not-found"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="aws-not-visible-yet"),
    Told(wrong="the subnet was deleted behind our back", when=CALL, code="unknown-network"),
    Told(wrong="the image was deleted behind our back", when=CALL, code="aws-not-found"),
)

OPENSTACK = (
    Told(wrong="an unknown setting", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an address of Keystone that is none", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="no project", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="an application credential without its secret", when=CONNECTING, code="cloud-config-invalid"),
    Told(wrong="a cloud that clouds.yaml has not", when=DOCTOR, code="openstack-settings-not-usable"),
    Told(wrong="a wrong password", when=DOCTOR, code="openstack-credentials-refused"),
    Told(wrong="an unknown user", when=DOCTOR, code="openstack-credentials-refused"),
    Told(wrong="an unknown project", when=DOCTOR, code="openstack-credentials-refused"),
    Told(wrong="a password or application credential that ends soon", when=DOCTOR, code="openstack-login-expires"),
    Told(wrong="a login that may only read", when=DOCTOR, code="openstack-reader-only"),
    Told(wrong="an unknown region", when=DOCTOR, code="openstack-service-missing"),
    Told(wrong="nobody listens at auth_url", when=DOCTOR, code="openstack-unreachable"),
    Told(wrong="an auth_url whose certificate is not trusted", when=DOCTOR, code="openstack-not-trusted"),
    Told(wrong="an auth_url without a Keystone", when=DOCTOR, code="openstack-address-wrong"),
    Told(wrong="an unknown external network", when=DOCTOR, code="external-network-missing"),
    Told(wrong="DNS names where there are none", when=DOCTOR, code="openstack-no-dns"),
    Told(wrong="a quota is too low", when=DOCTOR, code="openstack-quota-too-small"),
    Told(wrong="an unknown flavour", when=DOCTOR, code="unknown-flavor"),
    Told(wrong="an image that is not there", when=DOCTOR, code="unknown-image"),
    Told(wrong="an unknown availability zone", when=DOCTOR, code="unknown-zone"),
    Told(wrong="an unknown volume type", when=DOCTOR, code="unknown-volume-type"),
    Told(wrong="an unknown key pair", when=DOCTOR, code="unknown-key-pair"),
    Told(wrong="an unknown network", when=DOCTOR, code="unknown-network"),
    Told(wrong="an unknown security group", when=DOCTOR, code="unknown-security-group"),
    Told(wrong="an unknown cloud property", when=DOCTOR, code="unknown-cloud-property"),
    Told(wrong="a cloud property of a wrong shape", when=DOCTOR, code="wrong-cloud-property"),
    Told(wrong="an address that somebody has", when=DOCTOR, code="address-taken"),
    Told(wrong="networks whose ranges overlap", when=DOCTOR, code="network-overlaps"),
    Told(wrong="credentials that ended meanwhile", when=CALL, code="openstack-credentials-refused"),
    Told(wrong="a permission was taken away", when=CALL, code="openstack-not-authorized"),
    Told(wrong="a quota that somebody else used up meanwhile", when=CALL, code="openstack-quota-exceeded"),
    Told(wrong="a portal that answers in OpenStack's stead", when=CALL, code="openstack-answer-strange"),
    Told(wrong="the network was deleted behind our back", when=CALL, code="openstack-not-found"),
    Told(wrong="the VM was deleted behind our back", when=CALL, code="unknown-vm"),
    Told(wrong="the disk was deleted behind our back", when=CALL, code="unknown-disk"),
    Told(wrong="somebody else's router has our name", when=CALL, code="landing-not-ours"),
)

TOLD: Mapping[str, tuple[Told, ...]] = {"AWS": AWS, "Azure": AZURE, "OpenStack": OPENSTACK}


def demand(row: Told, make: Callable[[], object]) -> None:
    """`make` makes it wrong, and gives the codes of what doctor finds, or raises: it must be told as the row says."""
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
