"""What every cloud promises of its identity."""

import pytest

from cpi.contract.cloud import Identity
from tests.contract.cloud.subjects import Subject

_ACCOUNTS = ("account", "subscription", "project")


@pytest.fixture
def identity(subject: Subject) -> Identity:
    """Each of our clouds has one."""
    assert subject.connected.identity is not None
    return subject.connected.identity


def test_a_cloud_says_the_same_of_itself_each_time(identity: Identity) -> None:
    assert identity.identify() == identity.identify()


def test_the_account_comes_first_then_the_region_and_people_are_shown_both(identity: Identity) -> None:
    said = identity.identify()
    assert next(iter(said.facts)) in _ACCOUNTS
    account, region = next(iter(said.facts.values())), said.facts["region"]
    assert account and region
    assert account in said.title and region in said.title


def test_an_identity_holds_no_secret_and_is_short(identity: Identity) -> None:
    """It is saved, printed and compared: words alone."""
    said = identity.identify()
    assert all(value.isprintable() and len(value) < 200 for value in said.facts.values())
    assert not {"key", "secret", "token", "password"} & {word for name in said.facts for word in name.split()}
