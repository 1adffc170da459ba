"""The environment's tags in the form of each of OpenStack's services, and what one of them would not take."""

from collections.abc import Mapping

import pytest

from cpi.clouds.openstack.plugin import PLUGIN
from cpi.clouds.openstack.wire import resource_tags
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue

LOGIN: Mapping[str, JsonValue] = {"auth_url": "http://c:5000/v3", "username": "u", "api_key": "p", "project": "t"}


@pytest.mark.parametrize(
    ("tags", "code", "words"),
    [
        ({"compleat-action": "x"}, "tag-name-reserved", "finds its resources by tags"),
        ({"a/b": "x"}, "tags-invalid", "the letters a to z"),
        ({"ä": "x"}, "tags-invalid", "the letters a to z"),
        ({"a": "x" * 256}, "tags-invalid", "256 characters. OpenStack allows 255"),
        ({"abcdef": "x" * 250}, "tags-invalid", "name=value: 257 characters"),
        ({"a": "x\ny"}, "tags-invalid", "not printable"),
        ({f"t{number}": "" for number in range(41)}, "tags-invalid", "41 tags exceed 40"),
    ],
)
def test_tags_that_a_service_does_not_take_are_refused_when_connecting(
    tags: Mapping[str, str], code: str, words: str
) -> None:
    with pytest.raises(CloudError) as caught:
        _connect(tags, container=False)
    assert (caught.value.code, words in caught.value.why) == (code, True)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"cost_center": "1", "Cost-Center": "2"}, "twice for Swift"),
        ({"quota-bytes": "1"}, "reserved by Swift"),
        ({"empty": ""}, "is empty"),
        ({"blank": "a "}, "ends with a space"),
        ({"n" * 129: "x"}, "longer than Swift's"),
        ({f"t{number}": "x" * 200 for number in range(20)}, "All tags together"),
    ],
)
def test_what_only_swift_does_not_take_is_refused_where_there_is_a_container(
    tags: Mapping[str, str], words: str
) -> None:
    _connect(tags, container=False)
    with pytest.raises(CloudError) as caught:
        _connect(tags, container=True)
    assert (caught.value.code, words in caught.value.why) == ("tags-invalid", True)


def test_what_a_resource_says_already_stays_but_for_another_value_of_the_same_tag() -> None:
    there = ["compleat-vm-1", "owner=somebody", "CostCenter=4711"]
    assert resource_tags.add_texts(there, {"owner": "me", "CostCenter": "4711"}) == [
        *("compleat-vm-1", "owner=me", "CostCenter=4711")
    ]


def test_headers_say_names_in_letters_and_values_in_utf8() -> None:
    headers = resource_tags.write_headers({"cost_center": "4711", "city": "Köln"})
    assert headers == {"X-Container-Meta-cost-center": "4711", "X-Container-Meta-city": "K\u00c3\u00b6ln"}


def _connect(tags: Mapping[str, str], *, container: bool) -> None:
    properties = {**LOGIN, "container": container}
    PLUGIN.connect(ConnectSettings(environment="e", state_dir="", properties=properties, tags=tags))
