"""Names and paths: always the same, never too long, and the version each path is asked with."""

import re

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.values import OwnerKey
from tests.unit.cpi.clouds.azure import requests


def test_a_name_follows_from_its_owner_and_fits() -> None:
    assert names.name_of(requests.OWNER, "vm") == "test-vm-c19e69bf7a17aba66d0d853c"
    long = OwnerKey(environment="My Environment! " * 9, deployment="d", action="a")
    assert re.fullmatch(r"[a-z0-9-]{1,60}", names.name_of(long, "snapshot"))


def test_an_account_has_another_name_at_each_attempt_and_everywhere() -> None:
    def name(subscription: str, attempt: int) -> str:
        return names.account_name("compleat", subscription=subscription, environment="test", attempt=attempt)

    assert name("s", 0) == "compleat0a0af1cad33408c3"
    assert len({name("s", 0), name("s", 1), name("t", 0)}) == 3


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/subscriptions/s", "2022-12-01"),
        ("/subscriptions/s/locations", "2022-12-01"),
        ("/subscriptions/s/resourceGroups/g", "2024-03-01"),
        ("/subscriptions/s/providers/Microsoft.Compute", "2024-03-01"),
        (f"{requests.ROOT}/Microsoft.Compute/virtualMachines/v", "2024-03-01"),
        (f"{requests.ROOT}/Microsoft.Compute/disks/d", "2023-10-02"),
        (f"{requests.ROOT}/Microsoft.Network/networkInterfaces/n", "2024-01-01"),
        (f"{requests.ROOT}/Microsoft.Authorization/roleAssignments/r", "2022-04-01"),
        ("/v1.0/applications", ""),
    ],
)
def test_each_path_is_asked_in_the_version_that_its_description_has(path: str, version: str) -> None:
    assert names.version_of(path) == version


def test_tags_are_put_as_azure_takes_them() -> None:
    assert names.tags_of({"a<b>%&\\?/c": "x" * 300}) == {"a_b______c": "x" * 256}
