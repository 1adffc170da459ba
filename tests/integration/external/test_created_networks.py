"""Managed networks by an executable's create_network and delete_network."""

from dataclasses import replace

import pytest

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, LostReplyError, NotSupportedError
from cpi.contract.landing_parts import JoinedParts, NetworkParts, SecurityGroupSpec
from cpi.contract.values import JsonValue, LandingCid, LandingResource, LandingSpec, ManagedNetwork
from tests.support.cpi_script import OWNER, Script, vm_request

MADE = "managed.backend.a"


def _network(connected: ConnectedCloud) -> LandingResource:
    assert connected.landing
    asked = ManagedNetwork(name=MADE, cidr="10.7.0.0/24", gateway="10.7.0.1", cloud_properties={"t1": "router"})
    (resource,) = connected.landing.managed_network(asked)
    return resource


def test_what_the_protocol_has_no_call_for_is_refused_and_ways_out_are_passed_on(script: Script) -> None:
    landing = script.connect().landing
    assert landing
    spec = LandingSpec(networks={}, public_names=(), security_groups=(SecurityGroupSpec(name="guard"),))
    assert [(one.finding.code, one.finding.is_fatal) for one in landing.part_findings(spec)] == [
        ("landing-part-refused", True)
    ]
    with pytest.raises(NotSupportedError, match="landing-part-refused"):
        landing.joined_properties(spec, JoinedParts(network=MADE, forwards=True))
    parts = NetworkParts(route_table="ways")
    (resource,) = landing.managed_network(ManagedNetwork(name=MADE, cidr="10.7.0.0/24", parts=parts))
    assert resource.properties["cloud_properties"] == {"route_table": "ways"}


def test_a_managed_network_is_created_found_used_and_deleted(script: Script) -> None:
    answer = ["net-1", {"range": "10.7.0.0/24", "gateway": "10.7.0.1", "reserved": []}, {"segment": "s-7"}]
    script.result(create_network=answer, create_vm=["vm-1", {}])
    connected = script.connect()
    assert connected.landing and not connected.has_landing_zone
    made = connected.landing.create_landing_resource(_network(connected), OWNER)
    assert (made.cid, made.outputs) == ("net-1", {f"{MADE}_cidr": "10.7.0.0/24", f"{MADE}_gateway": "10.7.0.1"})
    again = script.connect()
    assert again.landing
    assert again.landing.create_landing_resource(_network(again), OWNER) == made
    assert again.landing.find_landing_resources("env") == (made,)
    assert again.landing.find_landing_resources("other") == ()
    (network,) = vm_request().networks
    on_it = replace(network, cloud_properties={"network": MADE, "t1": "router"})
    created = again.cloud.create_vm(replace(vm_request(), networks=(on_it,)))
    assert created.networks == (on_it,)
    again.landing.delete_landing_resource(made.cid)
    assert again.landing.find_landing_resources("env") == ()
    sent = {request["method"]: request["arguments"] for request, _ in script.calls()}
    about = {"type": "manual", "range": "10.7.0.0/24", "gateway": "10.7.0.1", "cloud_properties": {"t1": "router"}}
    assert (sent["create_network"], sent["delete_network"]) == ([about], ["net-1"])
    assert sent["create_vm"][3]["main"]["cloud_properties"] == {"t1": "router", "segment": "s-7"}
    assert [request["method"] for request, _ in script.calls()].count("create_network") == 1
    records = script.folder / "state/networks"
    assert (list(records.iterdir()), records.stat().st_mode & 0o777) == ([], 0o700)


def test_a_cpi_without_networks_is_a_clear_refusal(script: Script) -> None:
    script.refuse("create_network", "NotImplemented")
    connected = script.connect()
    assert connected.landing
    for _ in range(2):
        with pytest.raises(NotSupportedError) as caught:
            connected.landing.create_landing_resource(_network(connected), OWNER)
        assert (caught.value.code, "create_network" in caught.value.why) == ("managed-network-unsupported", True)


def test_a_network_that_may_exist_is_not_created_twice(script: Script) -> None:
    script.answer(create_network="os._exit(1)")
    connected = script.connect()
    assert connected.landing
    with pytest.raises(LostReplyError):
        connected.landing.create_landing_resource(_network(connected), OWNER)
    script.result(create_network=["net-2"])
    with pytest.raises(NotSupportedError) as caught:
        connected.landing.create_landing_resource(_network(connected), OWNER)
    record = script.folder / f"state/networks/{MADE}.json"
    assert (caught.value.code, str(record) in caught.value.fix) == ("cpi-network-uncertain", True)
    record.unlink()
    assert connected.landing.create_landing_resource(_network(connected), OWNER).cid == "net-2"


@pytest.mark.parametrize("addresses", [{"range": "10.8.0.0/24"}, {"range": "10.7.0.0/24", "reserved": ["10.7.0.2"]}])
def test_a_network_other_than_planned_is_told_once_and_kept(script: Script, addresses: JsonValue) -> None:
    script.result(create_network=["net-1", addresses, {}])
    connected = script.connect()
    assert connected.landing
    with pytest.raises(CloudError) as caught:
        connected.landing.create_landing_resource(_network(connected), OWNER)
    assert caught.value.code == "cpi-network-differs"
    assert [one.cid for one in connected.landing.find_landing_resources("env")] == ["net-1"]


@pytest.mark.parametrize("answer", ["net-1", [], [3], ["net-1", "10.7.0.0/24"], ["net-1", {}, []]])
def test_a_strange_answer_to_create_network_is_told(script: Script, answer: JsonValue) -> None:
    script.result(create_network=answer)
    connected = script.connect()
    assert connected.landing
    with pytest.raises(LostReplyError, match="create_network is not valid"):
        connected.landing.create_landing_resource(_network(connected), OWNER)


def test_a_network_that_is_gone_already_is_deleted_and_a_damaged_record_is_told(script: Script) -> None:
    script.refuse("delete_network", "NetworkNotFound")
    connected = script.connect()
    assert connected.landing
    connected.landing.delete_landing_resource(LandingCid("net-1"))
    record = script.folder / f"state/networks/{MADE}.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"name": 1')
    with pytest.raises(CloudError) as caught:
        connected.landing.find_landing_resources("env")
    assert (caught.value.code, str(record) in caught.value.what) == ("cpi-network-record-damaged", True)
