"""Addresses: kept, listed, or the lowest free one; never twice, never one that is set aside."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.values import NetworkKind
from director.errors import InputError, Problems
from director.model.environments.desired import GroupNetwork, IpRange, Network, Subnet
from director.plan.placing import addresses
from director.plan.placing.addresses import AddressRequest, Taken
from tests.unit.director.plan import scenes

NETWORK = replace(
    scenes.network(
        "default",
        replace(
            scenes.subnet("10.0.0.0/28", static=(IpRange(first="10.0.0.10", last="10.0.0.14"),)),
            reserved=(IpRange(first="10.0.0.2", last="10.0.0.3"),),
        ),
    ),
    where="cloud-config.yml:5:3",
)
NETWORKS = {"default": NETWORK}


def _request(name: str, **fields: object) -> AddressRequest:
    plain = AddressRequest(name=name, az=None, networks=(GroupNetwork(name="default"),))
    return replace(plain, **fields)  # type: ignore[arg-type]


def _held(address: str) -> Taken:
    return Taken(holders={address: "something else"})


def test_the_lowest_free_address_is_given_past_gateway_and_reserved_ones() -> None:
    given_ = addresses.reserve_addresses([_request("web/0"), _request("web/1")], NETWORKS, _held("10.0.0.4"))
    assert given_ == ({"default": "10.0.0.5"}, {"default": "10.0.0.6"})


def test_an_address_held_is_kept_and_given_to_nobody_else() -> None:
    seekers = [_request("web/0"), _request("web/1", has={"default": "10.0.0.4"})]
    given_ = addresses.reserve_addresses(seekers, NETWORKS, Taken())
    assert given_ == ({"default": "10.0.0.5"}, {"default": "10.0.0.4"})


@pytest.mark.parametrize("held", ["10.0.0.1", "10.0.0.2", "10.0.0.12", "10.9.9.9"])
def test_an_address_that_may_not_be_held_any_more_is_replaced(held: str) -> None:
    given_ = addresses.reserve_addresses([_request("web/0", has={"default": held})], NETWORKS, Taken())
    assert given_ == ({"default": "10.0.0.4"},)


def test_too_few_addresses_are_told_with_counts_for_all_at_once() -> None:
    seekers = [_request(f"web/{index}") for index in range(8)]
    with pytest.raises(InputError) as caught:
        addresses.reserve_addresses(seekers, NETWORKS, _held("10.0.0.9"))
    error = caught.value
    assert (error.code, error.what, error.why, error.where) == (
        "address-pool-empty",
        "Network 'default' has too few addresses: none is left for web/5, web/6, web/7.",
        "Of 6 assignable addresses, 6 are in use and 3 more are needed.",
        "cloud-config.yml:5:3",
    )


def test_a_listed_address_that_others_hold_is_refused_with_all_other_problems() -> None:
    seekers = [
        _request("web/0", statics={"default": "10.0.0.10"}),
        _request("web/1", statics={"default": "10.0.0.11"}),
        _request("db/0", statics={"default": "10.0.0.11"}),
    ]
    with pytest.raises(Problems) as caught:
        addresses.reserve_addresses(seekers, NETWORKS, _held("10.0.0.10"))
    assert [(one.code, one.what, one.why) for one in caught.value.problems] == [
        (
            "address-taken",
            "Address 10.0.0.10 on network 'default', wanted for web/0, is taken.",
            "It is held by something else.",
        ),
        ("address-taken", "Address 10.0.0.11 on network 'default', wanted for db/0, is taken.", "It is held by web/1."),
    ]


def test_what_a_vm_still_holds_is_given_to_nobody() -> None:
    seekers = [_request("web/0", holds=frozenset({"10.0.0.4"})), _request("web/1")]
    given_ = addresses.reserve_addresses(seekers, NETWORKS, Taken())
    assert given_ == ({"default": "10.0.0.5"}, {"default": "10.0.0.6"})


def test_a_dynamic_network_is_left_to_the_cloud() -> None:
    networks = {"default": scenes.network(kind=NetworkKind.DYNAMIC)}
    assert addresses.reserve_addresses([_request("web/0")], networks, Taken()) == ({},)


def test_each_az_has_its_own_subnets() -> None:
    subnets = (scenes.subnet("10.1.0.0/24", azs=("z1",)), scenes.subnet("10.2.0.0/24", azs=("z2",)))
    networks = {"default": scenes.network("default", *subnets)}
    seekers = [_request("web/0", az="z2"), _request("web/1", az="z1")]
    given_ = addresses.reserve_addresses(seekers, networks, Taken())
    assert given_ == ({"default": "10.2.0.2"}, {"default": "10.1.0.2"})


_HELD = st.one_of(st.just(""), st.integers(0, 15).map(lambda last: f"10.0.0.{last}"))


@given(held=st.lists(_HELD, max_size=3), taken=st.frozensets(st.integers(4, 9), max_size=3))
def test_no_address_is_given_twice_and_none_that_is_set_aside(held: list[str], taken: frozenset[int]) -> None:
    others = {f"10.0.0.{last}": "another" for last in taken if f"10.0.0.{last}" not in held}
    own = [address for place, address in enumerate(held) if address not in held[:place]]
    seekers = [
        _request(f"web/{place}", has={"default": address} if address else {}) for place, address in enumerate(own)
    ]
    given_ = [mapping["default"] for mapping in addresses.reserve_addresses(seekers, NETWORKS, Taken(holders=others))]
    assert len(set(given_)) == len(given_)
    assert set(given_) <= {f"10.0.0.{last}" for last in range(4, 10)} - set(others)
    assert [new for new, old in zip(given_, own, strict=True) if 4 <= int((old or "0").split(".")[-1]) <= 9] == [
        old for old in own if 4 <= int((old or "0").split(".")[-1]) <= 9
    ]


def test_instances_on_a_vip_network_with_subnets_get_its_addresses_and_keep_them() -> None:
    static = (IpRange(first="203.0.113.5", last="203.0.113.7"),)
    subnets = (Subnet(cidr="", gateway="", static=static), Subnet(cidr="", gateway="", azs=("z2",), static=(_ONE,)))
    networks = {"public": Network(name="public", kind=NetworkKind.VIP, subnets=subnets)}
    own = (GroupNetwork(name="public"),)
    asked = [
        addresses.AddressRequest(name="web/0", az="z1", networks=own, has={"public": "203.0.113.6"}),
        addresses.AddressRequest(name="web/1", az="z1", networks=own),
        addresses.AddressRequest(name="web/2", az="z2", networks=own, has={"public": "198.51.100.1"}),
        addresses.AddressRequest(name="web/3", az="z2", networks=own),
    ]
    taken = addresses.Taken(holders={"203.0.113.5": "another"})
    given = addresses.reserve_addresses(asked, networks, taken)
    assert [each["public"] for each in given] == ["203.0.113.6", "203.0.113.7", "198.51.100.1", "198.51.100.2"]


_ONE = IpRange(first="198.51.100.1", last="198.51.100.2")


def test_instances_get_blocks_that_begin_at_multiples_of_their_size_and_touch_nothing_set_aside() -> None:
    reserved = (IpRange(first="10.0.0.1", last="10.0.0.20"),)
    subnet = Subnet(cidr="10.0.0.0/24", gateway="10.0.0.33", reserved=reserved, block_bits=28)
    network = scenes.network("default", subnet)
    seekers = [_request("web/0"), _request("web/1", has={"default": "10.0.0.96"}), _request("web/2")]
    given_ = addresses.reserve_addresses(seekers, {"default": network}, _held("10.0.0.50"))
    assert [one["default"] for one in given_] == ["10.0.0.64", "10.0.0.96", "10.0.0.80"]
    moved = addresses.reserve_addresses(
        [_request("web/0", has={"default": "10.0.0.97"})], {"default": network}, Taken()
    )
    assert moved == ({"default": "10.0.0.48"},), "what begins no block is not kept"


def test_addresses_of_huge_ipv6_ranges_are_given_without_listing_them() -> None:
    reserved = (IpRange(first="fd00::", last="fd00::ffff:ffff:ffff"),)
    subnet = Subnet(cidr="fd00::/32", gateway="fd00::1", reserved=reserved)
    network = scenes.network("default", subnet)
    kept = _request("web/1", has={"default": "fd00:0:9999::5"})
    given_ = addresses.reserve_addresses([_request("web/0"), kept], {"default": network}, Taken())
    assert given_ == ({"default": "fd00::1:0:0:0"}, {"default": "fd00:0:9999::5"})
    public = Network(
        name="default",
        kind=NetworkKind.VIP,
        subnets=(Subnet(cidr="", gateway="", static=(IpRange(first="2001:db8::", last="2001:db8::ffff:ffff:ffff"),)),),
    )
    held = _request("web/0", has={"default": "2001:db8::9999:9999"})
    assert addresses.reserve_addresses([held], {"default": public}, Taken()) == ({"default": "2001:db8::9999:9999"},)
