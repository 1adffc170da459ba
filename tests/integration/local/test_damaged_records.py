"""Files of the cloud that something damaged: named, with a way on; no disk is lost; `down` ends in any case."""

from pathlib import Path

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import LoadBalancerSpec, NatGatewaySpec, NetworkParts, RouteSpec, RouteTableSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerQuery
from tests.integration.local.yard import CIDR, Yard, kill, run, wait_until_gone

pytestmark = pytest.mark.local
_CUT = 20


def _damage(path: str) -> Path:
    damaged = Path(path)
    damaged.write_bytes(damaged.read_bytes()[:_CUT])
    return damaged


def _end_keeper(yard: Yard) -> None:
    keeper = yard.keeper()
    kill(keeper)
    wait_until_gone(keeper)


def test_a_vm_with_a_damaged_record_is_named_and_once_the_file_is_removed_made_anew_with_its_disk(yard: Yard) -> None:
    yard.land("jumpbox")
    jumpbox = yard.jumpbox()
    disk = yard.disk("data")
    yard.connected.cloud.attach_disk(jumpbox.cid, disk)
    run(yard.login(), f"echo kept > /run/disks/{disk}/file")
    init = yard.init_of(jumpbox)
    damaged = _damage(f"{yard.state}/vms/{jumpbox.cid}/vm.json")
    _end_keeper(yard)

    for ask in (
        lambda: yard.finder.find_vms(OwnerQuery(environment=yard.environment, deployment="d")),
        lambda: yard.connected.cloud.has_vm(jumpbox.cid),
        lambda: yard.vm("other", "10.0.0.9"),
    ):
        with pytest.raises(CloudError, match=str(damaged)) as caught:
            ask()
        assert caught.value.code == "record-damaged"
    assert [vm.created.cid for vm in yard.vms()] == [jumpbox.cid]

    damaged.unlink()
    again = yard.jumpbox()
    wait_until_gone(init)
    yard.connected.cloud.attach_disk(again.cid, disk)
    assert run(yard.login(), f"cat /run/disks/{disk}/file").out == "kept\n"


def test_damaged_records_of_the_landing_zone_are_written_anew_by_the_next_up(yard: Yard) -> None:
    yard.land("console", "jumpbox")
    yard.vm("jumpbox", "10.0.0.5", vip="203.0.113.2")
    _damage(f"{yard.state}/networks/default.json")
    _damage(f"{yard.state}/addresses/jumpbox.json")

    with pytest.raises(CloudError, match=r"networks/default\.json"):
        yard.vm("other", "10.0.0.9")
    yard.land("console", "jumpbox")

    found = {each.name: each.outputs for each in yard.landing.find_landing_resources(yard.environment)}
    assert found["jumpbox"]["jumpbox_public_ip"] == "203.0.113.2"
    assert run(yard.login("203.0.113.2"), "hostname").out == "jumpbox\n"
    yard.vm("other", "10.0.0.9")


def test_damaged_records_of_ways_in_and_out_are_written_anew_by_the_next_up(yard: Yard) -> None:
    route = RouteSpec(name="drop", prefix="10.9.0.0/16", next_hop="none")
    spec = LandingSpec(
        networks={"default": CIDR},
        public_names=("jumpbox", "way-out"),
        network_parts={"default": NetworkParts(route_table="ways", nat_gateway="nat")},
        route_tables=(RouteTableSpec(name="ways", routes=(route,)),),
        nat_gateways=(NatGatewaySpec(name="nat", addresses=("way-out",)),),
        load_balancers=(LoadBalancerSpec(name="lb", network="default", address="10.0.0.99"),),
    )

    def land() -> dict[str, tuple[str, ...]]:
        owner = yard.owner("landing", ENVIRONMENT_ITSELF)
        made = [yard.landing.create_landing_resource(one, owner) for one in yard.landing.landing_resources(spec)]
        return {one.name: one.entries for one in made}

    made = land()
    for path in ("route_tables/ways", "nat_gateways/nat", "balancers/lb"):
        _damage(f"{yard.state}/{path}.json")
    assert land() == made
    found = {one.name: one.entries for one in yard.landing.find_landing_resources(yard.environment)}
    assert found == made
    assert found["default"] == ("route table ways", "NAT gateway nat")


def test_what_a_cloud_knows_of_itself_is_written_anew_by_the_next_call(yard: Yard) -> None:
    yard.land("jumpbox")
    yard.jumpbox()
    yard.login()
    first = yard.first()
    for name in ("cloud.json", "boot.json", "edge.json", "generation.json"):
        _damage(f"{yard.state}/{name}")
    _damage(f"{yard.state_dir}/local-cloud.json")
    _end_keeper(yard)

    yard.vm("other", "10.0.0.9")

    assert yard.first() == first
    assert run(yard.login_behind(yard.login(), "10.0.0.9"), "hostname").out == "other\n"


def test_with_every_record_damaged_all_of_it_can_be_taken_down(yard: Yard) -> None:
    yard.land("jumpbox")
    jumpbox = yard.jumpbox()
    disk = yard.disk("data")
    yard.connected.cloud.attach_disk(jumpbox.cid, disk)
    init = yard.init_of(jumpbox)
    state = Path(yard.state)
    for path in (*state.glob("*.json"), *state.glob("*/*.json"), *state.glob("*/*/*.json")):
        _damage(str(path))

    yard.down()

    wait_until_gone(init)
    assert yard.leftovers() == []
