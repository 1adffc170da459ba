"""Servers in the pools of Octavia's load balancers, against a stand-in of its API."""

from collections.abc import Callable, Iterator

import pytest

from cpi.clouds.openstack.machines import load_balancer_pools
from cpi.clouds.openstack.machines.load_balancer_pools import LoadBalancerPools
from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import LoadBalancerPool
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
from cpi.contract.values import OwnerKey
from tests.support.openstack.glance import Glance, glance

OWNER = OwnerKey(environment="env", deployment="cf", action="r1/create_vm/router/0")
WANTED = (LoadBalancerPool(name="https", port=443), LoadBalancerPool(name="tcp", port=1024))


@pytest.fixture(name="place")
def _place() -> Iterator[Glance]:
    with glance() as place:
        for name in ("https", "tcp", "other"):
            place.octavia.add_pool(name)
        yield place


def test_a_server_is_a_member_once_and_leaves_only_its_own_pools(place: Glance) -> None:
    pools = _pools(place)
    metadata = load_balancer_pools.write_metadata(WANTED, pools.ids(WANTED))
    for _ in range(2):
        pools.add_members(OWNER, WANTED, "10.0.0.9")
    other = OwnerKey(environment="env", deployment="cf", action="r1/create_vm/router/1")
    pools.add_members(other, WANTED, "10.0.0.10")
    assert _members(place, "https") == [("10.0.0.9", 443), ("10.0.0.10", 443)]
    assert (_members(place, "tcp")[0], _members(place, "other")) == (("10.0.0.9", 1024), [])
    for _ in range(2):
        pools.remove_members(OWNER, {**metadata, "compleat-environment": "env"})
    assert [_members(place, name) for name in ("https", "tcp")] == [[("10.0.0.10", 443)], [("10.0.0.10", 1024)]]


def test_the_successor_of_a_server_that_was_lost_takes_its_place_and_nobody_elses(place: Glance) -> None:
    pools = _pools(place)
    pools.add_members(OWNER, WANTED, "10.0.0.9")
    healed = OwnerKey(environment="env", deployment="cf", action="r2/create_vm/router/0")
    place.octavia.busy = 1
    _again(lambda: pools.add_members(healed, WANTED, "10.0.0.9"))
    for name, port in (("https", 443), ("tcp", 1024)):
        assert _members(place, name) == [("10.0.0.9", port)]
        assert [one["name"] for one in place.octavia.members_of(name)] == [f"env/r2/create_vm/router/0/{port}"]
    other = OwnerKey(environment="env2", deployment="cf", action="r1/create_vm/router/0")
    with pytest.raises(ConflictError):
        _again(lambda: pools.add_members(other, WANTED, "10.0.0.9"))
    assert [one["name"] for one in place.octavia.members_of("https")] == ["env/r2/create_vm/router/0/443"]


def test_a_load_balancer_that_changes_is_asked_again_later(place: Glance) -> None:
    place.octavia.busy = 1
    pools = _pools(place)
    _again(lambda: pools.add_members(OWNER, WANTED, "10.0.0.9"))
    assert [_members(place, name) for name in ("https", "tcp")] == [[("10.0.0.9", 443)], [("10.0.0.9", 1024)]]
    _again(lambda: pools.remove_members(OWNER, load_balancer_pools.write_metadata(WANTED, pools.ids(WANTED))))
    assert [_members(place, name) for name in ("https", "tcp")] == [[], []]


def test_a_pool_that_is_gone_by_then_holds_nothing_up(place: Glance) -> None:
    pools = _pools(place)
    metadata = load_balancer_pools.write_metadata(WANTED, pools.ids(WANTED))
    for things in place.octavia.things.values():
        things.clear()
    pools.remove_members(OWNER, metadata)


def test_a_name_that_is_unknown_or_of_two_pools_is_refused(place: Glance) -> None:
    with pytest.raises(NotFoundError, match="unknown-load-balancer-pool"):
        _pools(place).ids([LoadBalancerPool(name="nobodys", port=1)])
    place.octavia.add_pool("https")
    with pytest.raises(CloudError, match="load-balancer-pool-ambiguous"):
        _pools(place).ids(WANTED)


def _again(call: Callable[[], None]) -> None:
    """As the engine does: as long as it is not yet."""
    for _ in range(9):
        try:
            return call()
        except TransientError as error:
            assert error.code == "not-ready-yet"
    raise AssertionError("it is never ready")


def _pools(place: Glance) -> LoadBalancerPools:
    return LoadBalancerPools(Api(config.read_config(place.settings())))


def _members(place: Glance, name: str) -> list[tuple[str, int]]:
    return [(one["address"], one["protocol_port"]) for one in place.octavia.members_of(name)]
