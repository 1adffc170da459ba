"""DNS names and the numbers in them."""

from director.model import dns_names
from director.model.dns_names import Whereabouts

_PLACE = Whereabouts(group="Web_Front", network="My Net", deployment="shop.1")


def test_labels_are_canonical_and_the_root_is_as_given() -> None:
    assert dns_names.long_name("3a6f", _PLACE) == "3a6f.web-front.mynet.shop1.bosh"
    place = Whereabouts(group="a", network="b", deployment="c", domain="Internal.corp")
    assert dns_names.long_name("0", place) == "0.a.b.c.Internal.corp"


def test_the_parts_of_a_query_are_sorted_as_text() -> None:
    assert dns_names.query(azs=("2", "10")) == "q-a10a2s0"
    assert dns_names.query(status="healthy", first_check="synchronous", others=("n3", "m7")) == "q-m7n3s3y1"
    assert [dns_names.query(status=one) for one in ("default", "unhealthy", "all", "odd")] == [
        "q-s0",
        "q-s1",
        "q-s4",
        "q-s0",
    ]


def test_a_short_name_has_the_number_of_its_group() -> None:
    number = dns_names.group_number("shop", "web")
    assert dns_names.short_name("q-s0", number, "bosh") == f"q-s0.q-g{number}.bosh"


def test_numbers_follow_from_names_and_differ_by_kind_and_deployment() -> None:
    numbers = [
        dns_names.group_number("shop", "web"),
        dns_names.group_number("store", "web"),
        dns_names.link_number("shop", "web"),
        dns_names.instance_number("web"),
        dns_names.az_number("web"),
        dns_names.network_number("web"),
    ]
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() and number != "0" for number in numbers)
    assert dns_names.group_number("shop", "web") == "565432639513"


def test_the_label_that_asks_for_six_azs_fits_into_dns() -> None:
    azs = [dns_names.az_number(f"z{number}") for number in range(6)]
    assert len(dns_names.query(azs=azs, first_check="synchronous")) <= 63
