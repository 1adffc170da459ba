"""Each row of the table of wrong settings for Azure, made wrong over TLS: one clear error, no secret in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    LandingResource,
    LandingSpec,
    PreflightRequest,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import bad_settings
from tests.support.azure.faults import Rule
from tests.support.azure.login import CLIENT, SECRET
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import make_certificates

NOBODY = "https://127.0.0.1:1"
GROUP = LandingResource(kind="resource_group", name="the-group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An Azure in which all is well, until a test makes one thing wrong."""

    azure: StandIn
    folder: Path

    def connect(self, **settings: Any) -> ConnectedCloud:
        properties = self.azure.settings(**settings)
        return find_plugin("azure").connect(
            ConnectSettings(environment=ENVIRONMENT, state_dir=str(self.folder), properties=properties)
        )

    def elsewhere(self, **endpoints: str) -> ConnectedCloud:
        """With other endpoints."""
        return self.connect(endpoints={**self.azure.settings()["endpoints"], **endpoints})

    def signed_by(self, client_id: str, secret: str, **more: str) -> ConnectedCloud:
        """With other credentials."""
        return self.connect(
            credentials={"kind": "client_secret", "client_id": client_id, "client_secret": secret, **more}
        )

    def file(self, mode: int) -> ConnectedCloud:
        """With a principal's file of that mode; 0: without the file."""
        path = self.folder / "principal.json"
        if mode:
            path.write_text(f'{{"client_id": "{CLIENT}", "client_secret": "{SECRET}"}}')
            path.chmod(mode)
        return self.connect(credentials={"kind": "file", "path": str(path)})

    def subject(self) -> Subject:
        """With a landing zone and a stemcell."""
        return prepare(self.connect())

    def foreign(self, kind: str) -> None:
        """All of a kind is now somebody else's."""
        for held in self.azure.place.store.of_type(kind):
            held.body["tags"] = {}

    def gone(self, kind: str) -> None:
        """All resources of a kind are deleted outside compleat."""
        for held in self.azure.place.store.of_type(kind):
            self.azure.place.store.drop(held.id)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with azure_stand_in(tmp_path / "tls") as azure:
        yield Account(azure=azure, folder=tmp_path)


def _region(account: Account, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(account.azure.place.region, name, value)


def _asked(connected: ConnectedCloud, *vms: VmRequest, stemcells: tuple[StemcellRequest, ...] = ()) -> list[str]:
    """The codes of what `doctor` finds."""
    assert connected.preflight is not None and connected.landing is not None
    landing = connected.landing.landing_resources(LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=()))
    return [one.code for one in connected.preflight.preflight(_request(landing, vms, stemcells))]


def _request(
    landing: tuple[LandingResource, ...], vms: tuple[VmRequest, ...], stemcells: tuple[StemcellRequest, ...]
) -> PreflightRequest:
    return PreflightRequest(landing=landing, vms=vms, stemcells=stemcells)


def _vm(account: Account, subject: Subject | None = None, **properties: Any) -> VmRequest:
    own = subject or account.subject()
    return replace(own.vm_request("a1"), cloud_properties=properties)


def _asked_about_vm(account: Account, **properties: Any) -> list[str]:
    subject = account.subject()
    return _asked(subject.connected, _vm(account, subject, **properties))


def _asked_with_low_quota(account: Account) -> list[str]:
    account.azure.place.region.limits["standardBSFamily"] = 1
    return _asked_about_vm(account)


def _asked_about_image(account: Account) -> list[str]:
    connected = account.connect(default_image="Debian:debian-12:no-such:latest")
    known = connected.cloud.info()
    owner = Subject(connected=connected, stemcell=account.subject().stemcell).owner("s")
    return _asked(
        connected, stemcells=(StemcellRequest(owner=owner, os=known.default_os, version=known.default_version),)
    )


def _asked_about_taken_address(account: Account) -> list[str]:
    subject = account.subject()
    subject.connected.cloud.create_vm(subject.vm_request("other"))
    return _asked(subject.connected, _vm(account, subject))


def _asked_with_ended_secret(account: Account) -> list[str]:
    return _asked(account.signed_by(CLIENT, SECRET, expires="2020-01-01"))


def _asked_with_expired_secret(account: Account) -> list[str]:
    account.azure.login.expired.add(SECRET)
    return _asked(account.connect())


def _asked_without_trust(account: Account) -> list[str]:
    return _asked(account.elsewhere(ca_file=make_certificates(account.folder / "other").ca))


def _asked_with_account_names_taken(account: Account) -> list[str]:
    account.subject()
    taken = account.azure.place.store.of_type("Microsoft.Storage/storageAccounts")
    connected = account.connect()
    for held in taken:
        held.body["tags"] = {}
    account.azure.faults.rules = [
        Rule(
            path="checkNameAvailability", times=9, status=200, body={"nameAvailable": False, "reason": "AlreadyExists"}
        )
    ]
    return _asked(connected)


def _asked_after(account: Account, **region: Any) -> list[str]:
    subject = account.subject()
    _region(account, **region)
    return _asked(subject.connected)


def _call_refused(account: Account, status: int, code: str) -> None:
    subject = account.subject()
    account.azure.faults.rules = [Rule(method="PUT", path="networkInterfaces", status=status, code=code)]
    subject.connected.cloud.create_vm(subject.vm_request("a1"))


def _call_with_old_token(account: Account) -> None:
    subject = account.subject()
    account.azure.login.expire_all()
    subject.connected.cloud.create_vm(subject.vm_request("a1"))


def _call_without_vm(account: Account) -> None:
    subject = account.subject()
    subject.connected.cloud.get_disks(VmCid("gone"))


def _call_without_disk(account: Account) -> None:
    subject = account.subject()
    vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    disk = subject.connected.cloud.create_disk(subject.disk_request("d1"))
    account.gone("Microsoft.Compute/disks")
    subject.connected.cloud.attach_disk(vm, disk)


def _call_without_subnet(account: Account) -> None:
    subject = account.subject()
    account.gone("Microsoft.Network/virtualNetworks/subnets")
    subject.connected.cloud.create_vm(subject.vm_request("a1"))


def _call_on_others(account: Account, kind: str) -> None:
    subject = account.subject()
    cloud, landing = subject.connected.cloud, subject.landing
    cloud.create_vm(subject.vm_request("a1"))
    cloud.create_disk(subject.disk_request("d1"))
    account.foreign(kind)
    landing.create_landing_resource(GROUP, subject.owner("setup", deployment=ENVIRONMENT_ITSELF))
    cloud.create_disk(subject.disk_request("d1"))
    cloud.create_vm(subject.vm_request("a1"))


CASES: Mapping[str, Callable[[Account], object]] = {
    "an unknown setting": lambda account: account.connect(locatoin="x"),
    "no tenant_id": lambda account: account.connect(tenant_id=""),
    "a missing principal's file": lambda account: account.file(0),
    "a principal's file that other users may read": lambda account: account.file(0o644),
    "a missing ca_file": lambda account: account.elsewhere(ca_file="/no/such/file"),
    "a wrong secret": lambda account: _asked(account.signed_by(CLIENT, "hush-hush")),
    "an expired secret": _asked_with_expired_secret,
    "a secret that has expired according to its file": _asked_with_ended_secret,
    "an unknown client_id": lambda account: _asked(account.signed_by("nobody", "hush-hush")),
    "an unknown tenant": lambda account: _asked(account.connect(tenant_id="00000000-0000-0000-0000-000000000000")),
    "an unknown subscription": lambda account: _asked(account.connect(subscription_id="nobodys")),
    "an endpoint with a closed port": lambda account: _asked(account.elsewhere(resource_manager=NOBODY)),
    "a wrong sign-in endpoint": lambda account: _asked(account.elsewhere(authority=NOBODY)),
    "an endpoint with an untrusted certificate": _asked_without_trust,
    "an expired token": _call_with_old_token,
    "a wrong clock on this machine": lambda account: _asked_after(account, clock_ahead_s=900.0),
    "an unknown location": lambda account: _asked(account.connect(location="West Eurpe")),
    "a missing permission": lambda account: _asked_after(account, actions=["*/read"]),
    "a permission that was revoked": lambda account: _call_refused(account, 403, "AuthorizationFailed"),
    "a policy that forbids a resource": lambda account: _call_refused(account, 403, "RequestDisallowedByPolicy"),
    "a provider that is not registered": lambda account: _asked_after(account, providers={}),
    "a named resource group that does not exist": lambda account: _asked(account.connect(resource_group_name="kept")),
    "storage account names that are all taken": _asked_with_account_names_taken,
    "a quota that is too low": _asked_with_low_quota,
    "an unknown VM size": lambda account: _asked_about_vm(account, instance_type="Standard_Z1"),
    "an unknown image": _asked_about_image,
    "an unknown cloud property": lambda account: _asked_about_vm(account, instance_tipe="Standard_B2s"),
    "an unsupported cloud property": lambda account: _asked_about_vm(account, resource_group_name="elsewhere"),
    "an address that is in use": _asked_about_taken_address,
    "a VM that was deleted outside compleat": _call_without_vm,
    "a disk that was deleted outside compleat": _call_without_disk,
    "a subnet that was deleted outside compleat": _call_without_subnet,
    "a resource group of another owner with the same name": lambda account: _call_on_others(
        account, "Microsoft.Resources/resourceGroups"
    ),
    "a VM of another owner with the same name": lambda account: _call_on_others(
        account, "Microsoft.Compute/virtualMachines"
    ),
    "a disk of another owner with the same name": lambda account: _call_on_others(account, "Microsoft.Compute/disks"),
}
"""What makes each row wrong: gives the codes of what doctor finds, or raises."""


def test_every_row_of_the_table_is_made_wrong_here() -> None:
    assert [row.wrong for row in bad_settings.AZURE] == list(CASES)


def test_an_account_in_which_all_is_well_has_nothing_wrong(account: Account) -> None:
    subject = account.subject()
    assert _asked(subject.connected, _vm(account, subject)) == []


@pytest.mark.parametrize("row", bad_settings.AZURE, ids=lambda row: row.wrong)
def test_what_is_wrong_is_told_by_its_code(account: Account, row: bad_settings.Reported) -> None:
    bad_settings.require(row, lambda: CASES[row.wrong](account))
    assert not account.azure.log.calls() or row.when != bad_settings.CONNECTING


def test_a_secret_that_is_refused_is_in_no_words(account: Account) -> None:
    connected = account.signed_by(CLIENT, "hush-hush")
    assert connected.preflight is not None
    (found,) = connected.preflight.preflight(PreflightRequest())
    assert "hush" not in f"{found}{connected}"
