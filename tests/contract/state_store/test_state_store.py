"""What every StateStore promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, DiskCid, NetworkKind, NetworkSettings, SshAccess, StemcellCid, VmCid
from director.errors import LockedError, StateError
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.deployment_dns import DeploymentDns, InstanceDnsRecord, PublishedDns, StoredDns
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.state import (
    STATE_VERSION,
    Applied,
    DeploymentState,
    DiskRecord,
    InstanceRecord,
    VmRecord,
)
from director.model.ids import ActionId, DeploymentName, EnvironmentName, GroupName, InstanceId, OwnerName
from director.model.secret_ref import SecretRef
from director.ports.state_store import StateStore
from tests.contract.state_store.stores import STORES
from tests.support.callers import calling

HOME, APP, OTHER = EnvironmentName("home"), DeploymentName("app"), DeploymentName("other")
RECORD = InstanceRecord(
    id=InstanceId("i1"),
    group=GroupName("web"),
    index=0,
    addresses={"default": "10.0.0.2"},
    vm=VmRecord(
        cid=VmCid("vm-1"),
        action=ActionId("r1/create_vm/web-0"),
        stemcell_cid=StemcellCid("s-1"),
        networks=(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.2", prefix=24),),
        cloud_properties={"instance_type": "small"},
    ),
    disk=DiskRecord(cid=DiskCid("d-1"), action=ActionId("r1/create_disk/web-0"), size_mib=10, is_mounted=True),
    applied=Applied(configuration_hash="abc", packages={"ruby": "key"}, jobs=("web",)),
)
STATE = DeploymentState(environment=HOME, deployment=APP, instances=(RECORD,), manifest="name: app")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    stores = STORES[request.param](tmp_path)
    yield stores.store
    stores.close()


def test_a_deployment_never_saved_is_none(store: StateStore) -> None:
    assert store.load_deployment(HOME, APP) is None


def test_what_is_saved_is_loaded_whole_and_its_serial_grows(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        first = store.save_deployment(lease, STATE)
        second = store.save_deployment(lease, first)
    assert second == replace(STATE, serial=first.serial + 1)
    assert store.load_deployment(HOME, APP) == second


def test_what_is_loaded_again_is_what_was_saved_last_by_whichever_process(tmp_path: Path) -> None:
    first, second = (STORES["sqlite"](tmp_path) for _ in range(2))
    state = STATE
    for writer in (first, second, first):
        with writer.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            state = writer.store.save_deployment(lease, state)
        for reader in (first, second):
            assert (reader.store.load_deployment(HOME, APP), reader.store.list_deployments(HOME)) == (state, (state,))
    assert first.store.load_deployment(HOME, APP) is first.store.load_deployment(HOME, APP)
    first.close()
    second.close()


def test_deployments_are_listed_by_name_for_one_environment(store: StateStore) -> None:
    for environment, name in ((HOME, OTHER), (HOME, APP), (EnvironmentName("away"), APP)):
        with store.hold_lease(environment, name, caller=calling("deploy")) as lease:
            store.save_deployment(lease, DeploymentState(environment=environment, deployment=name))
    assert [state.deployment for state in store.list_deployments(HOME)] == [APP, OTHER]


def test_whether_a_lease_is_held_can_be_asked_without_taking_it(store: StateStore) -> None:
    asked = [store.is_held(HOME, APP)]
    with store.hold_lease(HOME, APP, caller=calling("deploy")):
        asked += [store.is_held(HOME, APP), store.is_held(HOME, OTHER)]
    asked.append(store.is_held(HOME, APP))
    assert asked == [False, True, False, False]


def test_a_second_holder_is_told_what_the_first_does(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("deploy app.yml")):
        with pytest.raises(LockedError) as raised, store.hold_lease(HOME, APP, caller=calling("deploy")):
            pass
        assert raised.value.code == "deployment-locked"
        assert "deploy app.yml" in raised.value.why + raised.value.what
        with store.hold_lease(HOME, OTHER, caller=calling("deploy")) as free:
            assert free.deployment == OTHER


def test_all_leases_shut_out_every_deployment_even_a_new_one(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        store.save_deployment(lease, STATE)
    with store.hold_all_leases(HOME, caller=calling("down")) as leases:
        assert list(leases) == [ENVIRONMENT_ITSELF, APP]
        for name in (APP, OTHER, ENVIRONMENT_ITSELF):
            with pytest.raises(LockedError) as raised, store.hold_lease(HOME, name, caller=calling("deploy")):
                pass
            assert raised.value.code == "environment-locked"
            assert "down" in raised.value.why
        with pytest.raises(LockedError), store.hold_all_leases(HOME, caller=calling("down again")):
            pass
        with store.hold_lease(EnvironmentName("away"), APP, caller=calling("deploy")) as free:
            assert free.environment == "away"
        store.delete_deployment(leases[APP])
    with store.hold_lease(HOME, OTHER, caller=calling("deploy")):
        assert store.load_deployment(HOME, APP) is None


@pytest.mark.parametrize("name", [APP, OTHER, ENVIRONMENT_ITSELF])
def test_all_leases_are_refused_while_one_is_held_and_its_holder_is_named(store: StateStore, name: OwnerName) -> None:
    with store.hold_lease(HOME, APP, caller=calling("deploy earlier")) as lease:
        store.save_deployment(lease, STATE)
    with store.hold_lease(HOME, name, caller=calling("deploy it.yml")):
        with pytest.raises(LockedError) as raised, store.hold_all_leases(HOME, caller=calling("down")):
            pass
        assert raised.value.code == "deployment-locked"
        assert "deploy it.yml" in raised.value.why
    with store.hold_all_leases(HOME, caller=calling("down")) as leases:
        assert list(leases) == [ENVIRONMENT_ITSELF, APP]


def test_a_stale_holder_cannot_write(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("first")) as stale:
        store.save_deployment(stale, STATE)
    with store.hold_lease(HOME, APP, caller=calling("second")) as lease:
        assert lease.token > stale.token
        for write in (store.save_deployment, lambda held, _: store.delete_deployment(held)):
            with pytest.raises(StateError) as raised:
                write(stale, STATE)
            assert raised.value.code == "lease-lost"
    assert store.load_deployment(HOME, APP) is not None


def test_a_deleted_deployment_is_unknown(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("delete")) as lease:
        store.save_deployment(lease, STATE)
        store.delete_deployment(lease)
        store.delete_deployment(lease)
    assert store.load_deployment(HOME, APP) is None
    assert store.list_deployments(HOME) == ()


def test_a_state_of_a_later_version_is_refused(store: StateStore) -> None:
    with store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        store.save_deployment(lease, replace(STATE, version=STATE_VERSION + 1))
    with pytest.raises(StateError) as raised:
        store.load_deployment(HOME, APP)
    assert raised.value.code == "state-version"


def test_an_environment_is_saved_listed_and_deleted(store: StateStore) -> None:
    environment = Environment(
        name=HOME,
        clouds=(CloudChoice(name=ONLY_CLOUD, plugin="memory", properties={"max_vms": 3}),),
        ssh=SshAccess(user="vcap", public_key="ssh-ed25519 key"),
        ssh_key=SecretRef(name="/home/ssh"),
        variables={"jumpbox_public_ip": "203.0.113.2"},
    )
    with store.hold_lease(HOME, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
        store.save_environment(lease, environment)
        assert (store.load_environment(HOME), store.list_environments()) == (environment, (HOME,))
        store.delete_environment(lease)
    assert (store.load_environment(HOME), store.list_environments()) == (None, ())


def test_the_last_compile_time_of_each_package_is_kept(store: StateStore) -> None:
    assert store.load_compile_times() == {}
    store.save_compile_times({"ruby": 3.5, "nginx": 1.0})
    store.save_compile_times({"ruby": 4.25})
    store.save_compile_times({})
    assert store.load_compile_times() == {"ruby": 4.25, "nginx": 1.0}


def _dns(deployment: str, *ips: str) -> StoredDns:
    records = tuple(
        InstanceDnsRecord(instance=InstanceId(f"{deployment}-{ip}"), index=0, group="web", network="a", ip=ip, az="z1")
        for ip in ips
    )
    return StoredDns(dns=DeploymentDns(deployment=DeploymentName(deployment), records=records))


def test_published_records_are_of_all_deployments_and_their_version_grows_with_each_change(store: StateStore) -> None:
    first = store.publish_dns(HOME, _dns("a", "10.0.0.1"), at=5.0)
    assert first == PublishedDns(version=5000, deployments=(_dns("a", "10.0.0.1").dns,))
    second = store.publish_dns(HOME, _dns("b", "10.0.0.2"), at=1.0)
    assert second == PublishedDns(version=5001, deployments=(_dns("a", "10.0.0.1").dns, _dns("b", "10.0.0.2").dns))
    assert store.publish_dns(HOME, _dns("b", "10.0.0.2"), at=9.0) == second
    assert store.publish_dns(HOME, None, at=9.0) == second
    assert store.publish_dns(HOME, replace(_dns("b", "10.0.0.2"), is_sent=True), at=9.0) == second
    assert store.publish_dns(HOME, _dns("b", "10.0.0.2"), at=9.0) == second
    assert store.publish_dns(HOME, _dns("a"), at=9.0).version == 9000
    assert (store.load_dns(HOME, DeploymentName("b")), store.load_dns(HOME, DeploymentName("c"))) == (
        replace(_dns("b", "10.0.0.2"), is_sent=True),
        None,
    )
    assert store.publish_dns(EnvironmentName("other"), None, at=1.0) == PublishedDns(version=0)
