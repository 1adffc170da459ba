"""Whatever dies when: what was answered stands, what was not leaves nothing or is found, nothing is made twice."""

import contextlib
import os
import random
import socket
import threading
import time

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.values import VmCid, VmRequest, VmState
from director.execute.steps import vm_reachability
from tests.integration.local.yard import Yard, children_of, kill, run, wait_until_gone

pytestmark = [pytest.mark.slow, pytest.mark.local]
SEED = 20240611
KILLS = 10


def test_killing_the_service_touches_no_vm_and_the_next_call_has_a_new_one(shared_yard: Yard) -> None:
    outer = shared_yard.login()
    keeper = shared_yard.keeper()

    kill(keeper)
    wait_until_gone(keeper)
    said = run(outer, "hostname").out
    shared_yard.vm("later", "10.0.0.6")

    assert said == "jumpbox\n"
    assert run(shared_yard.login_behind(outer, "10.0.0.6"), "hostname").out == "later\n"
    assert shared_yard.keeper() not in (0, keeper)


def test_a_killed_edge_is_back_at_the_same_place(shared_yard: Yard) -> None:
    before = shared_yard.landing.endpoint_of("203.0.113.1", 22)
    edge = shared_yard.edge()

    kill(edge)
    wait_until_gone(edge)

    assert run(shared_yard.login(), "hostname").out == "jumpbox\n"
    assert shared_yard.landing.endpoint_of("203.0.113.1", 22) == before


def test_a_run_that_meets_a_killed_edge_has_it_back(shared_yard: Yard) -> None:
    before = shared_yard.landing.endpoint_of("203.0.113.1", 22)
    edge = shared_yard.edge()
    kill(edge)
    wait_until_gone(edge)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((before.host, before.port), timeout=5)

    vm_reachability.reopen_jumpbox_port(shared_yard.connected, "203.0.113.1")

    socket.create_connection((before.host, before.port), timeout=5).close()


def test_a_killed_ssh_server_comes_back_by_itself(shared_yard: Yard) -> None:
    jumpbox = shared_yard.jumpbox()
    (server,) = children_of(shared_yard.init_of(jumpbox))

    kill(server)

    assert run(shared_yard.login(), "hostname").out == "jumpbox\n"


def test_a_vm_whose_first_process_dies_is_off_and_can_be_started(shared_yard: Yard) -> None:
    jumpbox, other = shared_yard.jumpbox(), shared_yard.vm("other", "10.0.0.7")
    run(shared_yard.login(), "echo mine > /etc/mine")
    init = shared_yard.init_of(jumpbox)

    kill(init)
    wait_until_gone(init)
    states = {vm.created.cid: vm.state for vm in shared_yard.vms()}
    shared_yard.power.start_vm(jumpbox.cid)

    assert (states[jumpbox.cid], states[other.cid]) == (VmState.STOPPED, VmState.RUNNING)
    assert run(shared_yard.login(), "cat /etc/mine").out == "mine\n"


def test_a_cloud_that_died_as_with_its_machine_comes_back_whole(yard: Yard) -> None:
    yard.land("jumpbox")
    jumpbox, asleep = yard.jumpbox(), yard.vm("asleep", "10.0.0.6")
    disk = yard.disk("one")
    hint = yard.connected.cloud.attach_disk(jumpbox.cid, disk)
    run(yard.login(), f"echo kept > {hint}/f")
    yard.power.stop_vm(asleep.cid)
    first = yard.first()

    kill(first)
    wait_until_gone(first)
    dead = {vm.state for vm in yard.vms()}
    yard.power.start_vm(jumpbox.cid)

    assert dead == {VmState.STOPPED}
    assert run(yard.login(), f"cat {hint}/f").out == "kept\n"
    assert {vm.created.cid: vm.state for vm in yard.vms()} == {
        jumpbox.cid: VmState.RUNNING,
        asleep.cid: VmState.STOPPED,
    }


def test_one_kill_of_the_first_process_leaves_no_process(yard: Yard) -> None:
    yard.land("jumpbox")
    inits = [yard.init_of(yard.vm(f"vm-{number}", f"10.0.0.{number}")) for number in range(10, 15)]
    edge = yard.edge() if yard.landing.endpoint_of("203.0.113.1", 22) else 0
    doomed = [yard.first(), yard.keeper(), edge or yard.edge(), *inits]

    kill(yard.first())

    for pid in doomed:
        wait_until_gone(pid)


def test_killed_at_random_moments_of_create_there_is_no_twin_and_no_orphan(yard: Yard) -> None:
    yard.land("jumpbox")
    yard.jumpbox()
    requests = [yard.request(f"vm-{number}", f"10.0.0.{20 + number}") for number in range(KILLS)]
    usual_s = _time_of_create(yard)
    chance = random.Random(SEED)
    # Early, about its end, and usually after it: however busy the machine is, some calls are hit and some are answered.
    spans = [usual_s * (0.8, 1.5, 8.0)[number % 3] for number in range(KILLS)]
    moments = [chance.uniform(0.0, span) for span in spans]
    made = [_create_while_killing(yard, request, at_s) for request, at_s in zip(requests, moments, strict=True)]
    found = [[vm for vm in yard.vms() if vm.owner == request.owner] for request in requests]
    again = [yard.connect().cloud.create_vm(request).cid for request in requests]

    assert [len(vms) <= 1 for vms in found] == [True] * KILLS
    assert [cid for cid, second in zip(made, again, strict=True) if cid not in (None, second)] == []
    assert 0 < len([cid for cid in made if cid is not None]) < KILLS, "the kills hit nothing, or everything"
    assert len(os.listdir(f"{yard.state}/vms")) == len(yard.vms()) == KILLS + 2
    outer = yard.login()
    for request in requests:
        inner = yard.login_behind(outer, str(request.networks[0].ip))
        assert run(inner, "hostname").out == f"{request.name}\n"


def _time_of_create(yard: Yard) -> float:
    request = yard.request("timed", "10.0.0.200")
    begun = time.perf_counter()
    yard.connected.cloud.create_vm(request)
    return time.perf_counter() - begun


def _create_while_killing(yard: Yard, request: VmRequest, after_s: float) -> VmCid | None:
    """The CID if the call was answered, None if it was lost. The service and what it had forked die."""
    cloud = yard.connect().cloud
    cloud.set_vm_metadata(yard.jumpbox().cid, {"warm": "yes"})  # the service runs, and this connection knows it
    doomed = [yard.keeper()]

    def strike() -> None:
        time.sleep(after_s)
        with contextlib.suppress(OSError):
            doomed.extend(children_of(doomed[0]))
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                kill(pid)

    killer = threading.Thread(target=strike)
    killer.start()
    try:
        return cloud.create_vm(request).cid
    except CloudError:
        return None
    finally:
        killer.join()
        wait_until_gone(doomed[0])
