"""Each row of the table of wrong settings for AWS, made wrong over HTTP: one clear error, no secret in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import LandingSpec, PreflightRequest, StemcellCid, VmCid, VmRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support import bad_settings
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:1"
SPEC = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An AWS in which all is well, and an environment that has landed, until a test makes one thing wrong."""

    emulator: Emulator
    subject: Subject

    def connect(self, **settings: object) -> ConnectedCloud:
        zones = self.emulator.settings()["zones"]
        return shared.connect(self.emulator, ENVIRONMENT, **{"zones": zones, **settings})

    def ask(self, *vms: VmRequest, **settings: object) -> list[str]:
        """The codes of what `doctor` finds."""
        connected = self.connect(**settings)
        assert connected.preflight is not None
        return [one.code for one in connected.preflight.preflight(PreflightRequest(vms=vms))]

    def ask_about(self, **cloud_properties: object) -> list[str]:
        """Of a VM with some properties."""
        properties = {"instance_type": "t3.micro", **cloud_properties}
        return self.ask(replace(self.subject.vm_request("a1"), cloud_properties=properties))  # type: ignore[arg-type]

    def refuse(self, action: str, code: str, status: int = 400) -> None:
        """All calls of an action from now on."""
        self.emulator.faults.add(Rule(action=action, times=99, code=code, status=status))

    def client(self, service: str) -> Any:
        """Somebody else at work in the same account."""
        emulator = self.emulator
        session = boto3.Session(aws_access_key_id=emulator.access_key, aws_secret_access_key=emulator.secret_key)
        client: Any = session.client  # its stubs want the service's name literally
        return client(service, region_name=emulator.region, endpoint_url=emulator.endpoint)


@pytest.fixture
def account(emulator: Emulator, landed: Subject) -> Account:
    return Account(emulator=emulator, subject=landed)


def _ask_refused(account: Account, code: str) -> list[str]:
    account.refuse("*", code, 401)
    return account.ask()


def _ask_unknown_key(account: Account) -> list[str]:
    account.emulator.account.known_keys.add("AKIASOMEONEELSE")
    return account.ask()


def _ask_skewed(account: Account) -> list[str]:
    account.emulator.front.skew_s = 900.0
    return account.ask()


def _ask_denied(account: Account) -> list[str]:
    account.emulator.account.denied.add("ec2:AttachVolume")
    return account.ask_about()


def _ask_limited(account: Account) -> list[str]:
    account.emulator.account.limits["ec2/L-1216C47A"] = 1.0
    return account.ask_about()


def _ask_image(account: Account) -> list[str]:
    return account.ask(replace(account.subject.vm_request("a1"), stemcell_cid=StemcellCid("ami-0123456789abcdef0")))


def _ask_taken(account: Account) -> list[str]:
    account.subject.connected.cloud.create_vm(account.subject.vm_request("other"))
    return account.ask_about()


def _ask_bucket(account: Account) -> list[str]:
    """One without our owner key."""
    landing, preflight = account.subject.landing, account.connect().preflight
    (made,) = [one for one in landing.find_landing_resources(ENVIRONMENT) if one.kind == "bucket"]
    account.client("s3").delete_bucket_tagging(Bucket=made.outputs["bucket_name"])
    assert preflight is not None
    return [one.code for one in preflight.preflight(PreflightRequest(landing=landing.landing_resources(SPEC)))]


def _call_refused(account: Account, code: str, status: int = 400) -> None:
    account.refuse("RunInstances", code, status)
    account.subject.connected.cloud.create_vm(account.subject.vm_request("a1"))


def _call_without_disk(account: Account) -> None:
    subject = account.subject
    vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    disk = subject.connected.cloud.create_disk(subject.disk_request("d1"))
    account.client("ec2").delete_volume(VolumeId=disk)
    subject.connected.cloud.attach_disk(vm, disk)


def _call_without_subnet(account: Account) -> None:
    client = account.client("ec2")
    own = [{"Name": "tag:compleat-environment", "Values": [ENVIRONMENT]}]
    for one in client.describe_subnets(Filters=own)["Subnets"]:
        client.delete_subnet(SubnetId=one["SubnetId"])
    account.subject.connected.cloud.create_vm(account.subject.vm_request("a1"))


def _call_without_image(account: Account) -> None:
    account.client("ec2").deregister_image(ImageId=account.subject.stemcell.rpartition(":")[2])
    account.subject.connected.cloud.create_vm(account.subject.vm_request("a1"))


CASES: Mapping[str, Callable[[Account], object]] = {
    "an unknown setting": lambda account: account.connect(regoin="us-east-1"),
    "an invalid region": lambda account: account.connect(region="US East"),
    "an invalid endpoint": lambda account: account.connect(endpoint_url="aws"),
    "a key without its secret": lambda account: account.connect(secret_access_key=""),
    "an unknown key": _ask_unknown_key,
    "a wrong secret": lambda account: _ask_refused(account, "SignatureDoesNotMatch"),
    "an expired session": lambda account: _ask_refused(account, "ExpiredToken"),
    "an unknown profile": lambda account: account.ask(access_key_id="", secret_access_key="", profile="nobodys"),
    "an account without access to the region": lambda account: _ask_refused(account, "OptInRequired"),
    "an endpoint with a closed port": lambda account: account.ask(endpoint_url=NOBODY),
    "an endpoint whose name does not resolve": lambda account: account.ask(endpoint_url="http://nowhere.invalid"),
    "an endpoint with an untrusted certificate": lambda account: account.ask(
        endpoint_url=account.emulator.endpoint.replace("http:", "https:")
    ),
    "a wrong clock on this machine": _ask_skewed,
    "an unknown availability zone": lambda account: account.ask(zones=["us-east-1a", "us-east-1z"]),
    "a missing permission": _ask_denied,
    "a quota that is too low": _ask_limited,
    "an unknown instance type": lambda account: account.ask_about(instance_type="t3.gigantic"),
    "an unknown image": _ask_image,
    "an unknown cloud property": lambda account: account.ask_about(instance_typ="t3.micro"),
    "an invalid cloud property": lambda account: account.ask_about(root_disk={"size": "huge"}),
    "an unknown key pair": lambda account: account.ask_about(key_name="nobodys"),
    "an unknown instance profile": lambda account: account.ask_about(iam_instance_profile="nobodys"),
    "an unknown security group": lambda account: account.ask_about(security_groups=["nobodys"]),
    "an address that is in use": _ask_taken,
    "a bucket of another owner with the same name": _ask_bucket,
    "a session that expired during the command": lambda account: _call_refused(account, "RequestExpired"),
    "a permission that was revoked": lambda account: _call_refused(account, "UnauthorizedOperation", 403),
    "a zone without capacity": lambda account: _call_refused(account, "InsufficientInstanceCapacity", 500),
    "a VM that was deleted outside compleat": lambda account: account.subject.connected.cloud.reboot_vm(
        VmCid("i-0123456789abcdef0")
    ),
    "a disk that was deleted outside compleat": _call_without_disk,
    "a subnet that was deleted outside compleat": _call_without_subnet,
    "an image that was deleted outside compleat": _call_without_image,
}
"""What makes each row wrong: gives the codes of what doctor finds, or raises."""


def test_every_row_of_the_table_is_made_wrong_here() -> None:
    assert [row.wrong for row in bad_settings.AWS] == list(CASES)


def test_an_account_in_which_all_is_well_has_nothing_wrong(account: Account) -> None:
    assert account.ask_about() == []


@pytest.mark.parametrize("row", bad_settings.AWS, ids=lambda row: row.wrong)
def test_what_is_wrong_is_told_by_its_code(account: Account, row: bad_settings.Reported) -> None:
    account.emulator.front.log.clear()
    bad_settings.require(row, lambda: CASES[row.wrong](account))
    assert not account.emulator.front.log or row.when != bad_settings.CONNECTING
