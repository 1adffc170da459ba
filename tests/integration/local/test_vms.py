"""VMs, disks and addresses on one cloud that the tests of this file share."""

import concurrent.futures
import dataclasses
import io
import json
import time
from pathlib import Path

import paramiko
import pytest

from cpi.clouds.local.inside.records import locks, records
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import NetworkKind, NetworkSettings, StemcellRequest, VmState
from tests.integration.local.conftest import MakeYard
from tests.integration.local.yard import GATEWAY, Yard, run

pytestmark = pytest.mark.local
_TAGS = "http://169.254.169.254/latest/meta-data/tags"


def _is_one_id(yard: Yard) -> bool:
    cloud = records.load_cloud(yard.state)
    assert cloud is not None
    return cloud["mode"] == "U2"


def test_vcap_logs_in_with_a_key_of_its_own_alone_and_owns_what_it_makes(shared_yard: Yard) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        shared_yard.login(user="vcap")
    run(shared_yard.login(), "cat /root/.ssh/authorized_keys >/home/vcap/.ssh/authorized_keys")
    client = shared_yard.login(user="vcap")

    reported = run(client, "id -un; pwd; touch made && stat -c %U made; python3 -c 'print(6 * 7)'")
    files = client.open_sftp()
    files.putfo(io.BytesIO(b"sent"), "sent")

    assert reported.out == "vcap\n/home/vcap\nvcap\n42\n"
    assert run(client, "stat -c '%U %s' sent").out == "vcap 4\n"


def test_files_of_some_size_travel_both_ways(shared_yard: Yard) -> None:
    files = shared_yard.login().open_sftp()
    sent = bytes(range(256)) * 20000
    files.putfo(io.BytesIO(sent), "/tmp/large")
    back = io.BytesIO()
    files.getfo("/tmp/large", back)

    assert back.getvalue() == sent


def test_a_command_through_the_jumpbox_takes_less_than_30_ms(shared_yard: Yard) -> None:
    shared_yard.vm("quick", "10.0.0.20")
    client = shared_yard.login_behind(shared_yard.login(), "10.0.0.20")

    assert any(_seconds(client) < 0.03 for _ in range(200))  # one delayed packet would cost each of them 40 ms


def test_a_session_tells_status_both_outputs_and_reads_input(shared_yard: Yard) -> None:
    stdin, out, err = shared_yard.login().exec_command("cat; echo wrong >&2; exit 7")
    stdin.write("said")
    stdin.channel.shutdown_write()

    assert (out.read(), err.read(), out.channel.recv_exit_status()) == (b"said", b"wrong\n", 7)


def test_a_terminal_is_one(shared_yard: Yard) -> None:
    channel = shared_yard.login().invoke_shell(width=100, height=40)
    channel.sendall(b"stty size; tty; exit 3\n")

    said = b""
    while chunk := channel.recv(4096):
        said += chunk
    assert b"40 100" in said
    assert b"/dev/pts/0" in said
    assert channel.recv_exit_status() == 3


def test_another_key_is_refused(shared_yard: Yard) -> None:
    stranger = dataclasses.replace(shared_yard, _private=Yard(place=shared_yard.place)._private)

    with pytest.raises(paramiko.AuthenticationException):
        stranger.login()


def test_the_host_key_told_at_birth_is_the_one_shown(shared_yard: Yard) -> None:
    transport = shared_yard.login().get_transport()
    assert transport is not None
    shown = transport.get_remote_server_key()

    assert shared_yard.jumpbox().host_key == f"{shown.get_name()} {shown.get_base64()}"


def test_created_twice_it_is_the_same_vm(shared_yard: Yard) -> None:
    before = len(shared_yard.vms())

    assert shared_yard.jumpbox() == shared_yard.jumpbox()
    assert len(shared_yard.vms()) == before


def test_twenty_vms_made_at_once_all_answer(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    outer = shared_yard.login()
    ips = [f"10.0.0.{number}" for number in range(100, 120)]
    requests = [shared_yard.request(f"many-{number}", ip) for number, ip in enumerate(ips)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(cloud.create_vm, requests))

    reported = run(outer, "for i in $(seq 100 119); do exec 3<>/dev/tcp/10.0.0.$i/22; head -c 4 <&3; done").out
    for vm in made:
        cloud.delete_vm(vm.cid)

    assert reported == "SSH-" * 20
    assert len({vm.cid for vm in made}) == 20


def test_a_delete_waits_for_the_creation_of_the_same_vm(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    request = shared_yard.request("unwanted", "10.0.0.121")
    cid = cloud.create_vm(request).cid
    place = Path(shared_yard.state, "vms", cid)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for _ in range(3):
            cloud.delete_vm(cid)
            creation = pool.submit(cloud.create_vm, request)
            while not locks.find_holder(f"{place}/lock"):  # its first process runs, and is not yet ready
                time.sleep(0.0005)
            cloud.delete_vm(cid)

            assert creation.result().cid == cid
            assert not place.exists()


def test_a_stopped_vm_starts_with_its_files_and_its_disk(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    vm = shared_yard.vm("sleeper", "10.0.0.30")
    disk = shared_yard.disk("sleeper")
    hint = cloud.attach_disk(vm.cid, disk)
    outer = shared_yard.login()
    run(shared_yard.login_behind(outer, "10.0.0.30"), f"echo a > /etc/own; echo b > {hint}/own; chmod 600 /etc/own")

    shared_yard.power.stop_vm(vm.cid)
    states = {found.created.cid: found.state for found in shared_yard.vms()}
    shared_yard.power.start_vm(vm.cid)
    once = run(shared_yard.login_behind(outer, "10.0.0.30"), f"cat /etc/own {hint}/own").out
    cloud.reboot_vm(vm.cid)
    twice = run(shared_yard.login_behind(outer, "10.0.0.30"), f"cat /etc/own {hint}/own").out
    console = shared_yard.console.console_log(vm.cid)
    cloud.delete_vm(vm.cid)

    assert states[vm.cid] is VmState.STOPPED
    assert (once, twice) == ("a\nb\n", "a\nb\n")
    assert console.count("sleeper: powered on") == 3
    assert cloud.has_disk(disk)


def test_a_disk_in_use_is_not_taken_away(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    vm = shared_yard.vm("holder", "10.0.0.31")
    disk = shared_yard.disk("holder")
    hint = cloud.attach_disk(vm.cid, disk)
    inner = shared_yard.login_behind(shared_yard.login(), "10.0.0.31")
    run(inner, f"mkdir -p /var/vcap/store && mount --bind {hint} /var/vcap/store && echo x > /var/vcap/store/x")

    with pytest.raises(ConflictError, match="disk-mounted"):
        cloud.detach_disk(vm.cid, disk)
    with pytest.raises(ConflictError, match="disk-attached"):
        cloud.delete_disk(disk)
    with pytest.raises(ConflictError, match="disk-attached"):
        cloud.resize_disk(disk, 200)
    with pytest.raises(ConflictError, match="disk-attached"):
        cloud.attach_disk(shared_yard.jumpbox().cid, disk)
    run(inner, "umount /var/vcap/store")
    cloud.detach_disk(vm.cid, disk)
    cloud.detach_disk(vm.cid, disk)

    assert cloud.get_disks(vm.cid) == ()
    assert run(inner, f"ls {hint}").code != 0


def test_a_disk_grows_and_a_snapshot_keeps_what_was(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    vm = shared_yard.vm("writer", "10.0.0.32")
    disk = shared_yard.disk("writer")
    hint = cloud.attach_disk(vm.cid, disk)
    inner = shared_yard.login_behind(shared_yard.login(), "10.0.0.32")
    run(inner, f"cd {hint} && mkdir -m 700 d && echo old > d/f && chown -R vcap d && ln d/f d/g && ln -s f d/h")
    snapshot = cloud.snapshot_disk(disk, shared_yard.owner("snapshot"))
    run(inner, f"echo new > {hint}/d/f")
    cloud.detach_disk(vm.cid, disk)
    cloud.resize_disk(disk, 200)

    with pytest.raises(NotSupportedError, match="disk-cannot-shrink"):
        cloud.resize_disk(disk, 100)
    with open(f"{shared_yard.state}/snapshots/{snapshot}/fs/d/h") as file:
        assert file.read() == "old\n"
    cloud.delete_snapshot(snapshot)
    cloud.delete_snapshot(snapshot)


def test_a_public_address_goes_to_the_next_vm_once_it_is_free(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    with pytest.raises(ConflictError, match="address-taken"):
        shared_yard.vm("second", "10.0.0.40", vip="203.0.113.1")
    cloud.delete_vm(shared_yard.jumpbox().cid)
    second = shared_yard.vm("second", "10.0.0.40", vip="203.0.113.1")
    reported = run(shared_yard.login(), "hostname").out
    cloud.delete_vm(second.cid)
    shared_yard.jumpbox()

    assert reported == "second\n"
    assert run(shared_yard.login(), "hostname").out == "jumpbox\n"


def test_the_way_in_stays_the_same(shared_yard: Yard) -> None:
    once = shared_yard.landing.endpoint_of("203.0.113.1", 22)
    other = shared_yard.landing.endpoint_of("203.0.113.1", 8443)

    assert shared_yard.connect().landing.endpoint_of("203.0.113.1", 22) == once  # type: ignore[union-attr]
    assert other != once
    assert once.host.startswith("127.")
    with pytest.raises(NotFoundError, match="unknown-address"):
        shared_yard.landing.endpoint_of("203.0.113.77", 22)


def test_a_vm_without_a_public_address_is_reached_by_its_own(shared_yard: Yard) -> None:
    shared_yard.vm("lone", "10.0.0.42")
    once = shared_yard.landing.endpoint_of("10.0.0.42", 22)

    assert shared_yard.connect().landing.endpoint_of("10.0.0.42", 22) == once  # type: ignore[union-attr]
    assert once.host.startswith("127.")
    assert run(shared_yard.login("10.0.0.42"), "hostname").out == "lone\n"


def test_a_vm_learns_about_itself_and_nothing_else(shared_yard: Yard) -> None:
    shared_yard.vm("asker", "10.0.0.41")
    ask = "import urllib.request as u; print(u.urlopen('http://169.254.169.254/latest/user-data').read().decode())"
    inner = shared_yard.login_behind(shared_yard.login(), "10.0.0.41")

    reported = json.loads(run(inner, f'python3 -c "{ask}"').out)

    assert (reported["agent_id"], reported["env"]) == ("agent-asker", {"note": "asker"})


def test_a_subnet_inside_the_network_has_a_gateway_of_its_own(shared_yard: Yard) -> None:
    subnet = NetworkSettings(
        name="part",
        kind=NetworkKind.MANUAL,
        ip="10.0.0.200",
        prefix=28,
        gateway="10.0.0.193",
        cloud_properties={"network": "default"},
    )
    request = dataclasses.replace(shared_yard.request("part", "10.0.0.200"), networks=(subnet,))
    shared_yard.connected.cloud.create_vm(request)

    assert run(shared_yard.login_behind(shared_yard.login(), "10.0.0.200"), "hostname").out == "part\n"


def test_a_dynamic_network_gives_a_free_address(shared_yard: Yard) -> None:
    dynamic = NetworkSettings(name="default", kind=NetworkKind.DYNAMIC, ip=None)
    request = dataclasses.replace(shared_yard.request("roamer", "10.0.0.1"), networks=(dynamic,))

    (network,) = shared_yard.connected.cloud.create_vm(request).networks

    assert (network.ip, network.prefix, network.gateway) == ("10.0.0.254", 24, GATEWAY)


def test_what_cannot_be_is_refused_with_its_reason(shared_yard: Yard) -> None:
    cloud = shared_yard.connected.cloud
    request = shared_yard.request("odd", "10.0.0.50")
    elsewhere = dataclasses.replace(request.networks[0], name="nowhere")
    typo = dataclasses.replace(request, cloud_properties={"cpus": 2})

    with pytest.raises(ConflictError, match="address-taken"):
        cloud.create_vm(shared_yard.request("odd", "10.0.0.5"))
    with pytest.raises(ConflictError, match="address-outside-network"):
        cloud.create_vm(shared_yard.request("odd", "10.9.0.5"))
    with pytest.raises(NotFoundError, match="unknown-network"):
        cloud.create_vm(dataclasses.replace(request, networks=(elsewhere,)))
    with pytest.raises(NotFoundError, match="unknown-public-address"):
        cloud.create_vm(shared_yard.request("odd", "10.0.0.50", vip="203.0.113.9"))
    with pytest.raises(CloudError, match="unknown-cloud-property") as refused:
        cloud.create_vm(typo)
    with pytest.raises(NotFoundError, match="unknown-stemcell"):
        cloud.create_stemcell(StemcellRequest(owner=shared_yard.owner("s"), os="plan-9", version="4"))

    assert refused.value.fix == "Write 'cpu'."
    assert [vm for vm in shared_yard.vms() if "odd" in vm.owner.action] == []


def test_landing_resources_in_use_stay(shared_yard: Yard) -> None:
    for resource in shared_yard.landing.find_landing_resources("yard"):
        with pytest.raises(ConflictError, match="in-use"):
            shared_yard.landing.delete_landing_resource(resource.cid)


def test_programs_that_change_owners_work_in_every_mode(shared_yard: Yard) -> None:
    reported = run(
        shared_yard.login(),
        "cd /tmp && mkdir -p t && touch t/f && chown -R vcap:vcap t && tar cf t.tar t && rm -r t && tar xf t.tar && "
        "stat -c %U t/f && install -o vcap t/f t/g && su vcap -c 'echo as vcap' && echo x > /usr/local/own",
    )

    owner = "root" if _is_one_id(shared_yard) else "vcap"
    assert (reported.code, reported.out) == (0, f"{owner}\nas vcap\n")


def _seconds(client: paramiko.SSHClient) -> float:
    begun = time.perf_counter()
    run(client, "true")
    return time.perf_counter() - begun


def test_the_environments_tags_are_on_all_that_is_made(make_yard: MakeYard) -> None:
    yard = make_yard(tags={"team": "blue", "cost": "1"})
    yard.land("jumpbox")
    jumpbox = yard.jumpbox()
    disk = yard.disk("data")
    yard.connected.cloud.snapshot_disk(disk, yard.owner("snapshot"))
    yard.connected.cloud.set_vm_metadata(jumpbox.cid, {"team": "red"})

    kept = {path.name: json.loads(path.read_text())["tags"] for path in Path(yard.state).glob("*/**/*.json")}
    ask = f'import urllib.request as u; print(u.urlopen("{_TAGS}").read().decode())'
    reported = run(yard.login(), f"python3 -c '{ask}'")

    both = {"team": "blue", "cost": "1"}
    assert kept.pop("vm.json") == {"team": "red", "cost": "1"} == json.loads(reported.out)
    assert kept == dict.fromkeys(("default.json", "jumpbox.json", "disk.json", "snapshot.json", "stemcell.json"), both)
