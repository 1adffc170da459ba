"""The owner key as tags."""

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, OwnerQuery
from cpi.kit import tags

OWNER = OwnerKey(environment="prod", deployment=ENVIRONMENT_ITSELF, action="run/create_vm/web")


def test_an_owner_key_comes_back_from_its_tags_whatever_else_is_there() -> None:
    written = {**tags.tags_of(OWNER), "Name": "web"}
    assert (tags.read_owner(written), tags.other_tags(written)) == (OWNER, {"Name": "web"})


def test_a_resource_without_the_whole_key_is_not_ours() -> None:
    whole = tags.tags_of(OWNER)
    assert [tags.read_owner({k: v for k, v in whole.items() if k != name}) for name in whole] == [None, None, None]


def test_a_query_without_a_deployment_means_all_of_the_environment() -> None:
    queries = [("prod", None), ("prod", ENVIRONMENT_ITSELF), ("prod", "app"), ("test", None)]
    asked = [tags.is_asked_for(OWNER, OwnerQuery(environment=name, deployment=of)) for name, of in queries]
    assert asked == [True, True, False, False]


def test_an_owner_key_names_its_deployment_or_the_environment_itself() -> None:
    with pytest.raises(ValueError, match="ENVIRONMENT_ITSELF"):
        OwnerKey(environment="prod", deployment="", action="a")
    with pytest.raises(ValueError, match="ENVIRONMENT_ITSELF"):
        OwnerQuery(environment="prod", deployment="")
    assert tags.read_owner(tags.tags_of(OWNER)) == OWNER
