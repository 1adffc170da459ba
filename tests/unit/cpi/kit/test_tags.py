"""The owner key as tags."""

from cpi.contract.values import OwnerKey, OwnerQuery
from cpi.kit import tags

OWNER = OwnerKey(environment="prod", deployment="", action="run/create_vm/web")


def test_an_owner_key_comes_back_from_its_tags_whatever_else_is_there() -> None:
    written = {**tags.tags_of(OWNER), "Name": "web"}
    assert (tags.read_owner(written), tags.other_tags(written)) == (OWNER, {"Name": "web"})


def test_a_resource_without_the_whole_key_is_not_ours() -> None:
    whole = tags.tags_of(OWNER)
    assert [tags.read_owner({k: v for k, v in whole.items() if k != name}) for name in whole] == [None, None, None]


def test_a_query_without_a_deployment_means_all_of_the_environment() -> None:
    queries = [("prod", None), ("prod", ""), ("prod", "app"), ("test", None)]
    asked = [tags.is_asked_for(OWNER, OwnerQuery(environment=name, deployment=of)) for name, of in queries]
    assert asked == [True, True, False, False]
