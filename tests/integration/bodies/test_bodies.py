"""Bodies answer at the addresses an emulator was given, with the key of the user data and no other."""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from typing import cast

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cpi.contract.errors import ConflictError
from cpi.contract.values import SshAccess, VmState
from cpi.kit.user_data import boot_script
from director.edge.agents.ssh_tunnels import Tunnel
from tests.integration.local.yard import processes_of, run
from tests.support.bodies import ground
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface, Volume

SUBNETS = {"10.0.0.": "10.0.0.0/24", "10.0.1.": "10.0.1.0/24"}
DEVICE = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol1"
DISK = Volume(id="vol-1", size_mib=100, paths=(DEVICE,))
PATIENCE_S = 10.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]


@pytest.fixture
def bodies() -> Iterator[Bodies]:
    made = Bodies()
    yield made
    made.close()


@pytest.fixture
def key() -> paramiko.PKey:
    return _new_key()


def test_a_private_machine_is_reached_through_one_with_a_public_address(bodies: Bodies, key: paramiko.PKey) -> None:
    address = bodies.addresses.reserve()
    _start(bodies, "jumpbox", "10.0.0.5", key=key)
    bodies.associate(address, "jumpbox")
    _start(bodies, "web", "10.0.1.7", key=key)
    with _login(address, key) as jumpbox, _login_behind(jumpbox, "10.0.1.7", key) as web:
        assert run(web, "hostname; id -un; cat /root/.ssh/authorized_keys").out == f"web\nroot\n{_line(key)}\n"


def test_nobody_gets_in_whose_key_was_not_in_the_user_data(bodies: Bodies, key: paramiko.PKey) -> None:
    address = bodies.addresses.reserve()
    _start(bodies, "jumpbox", "10.0.0.5", key=key)
    bodies.associate(address, "jumpbox")
    with pytest.raises(paramiko.AuthenticationException), _login(address, _new_key()):
        pass


def test_without_user_data_nobody_gets_in(bodies: Bodies, key: paramiko.PKey) -> None:
    address = bodies.addresses.reserve()
    bodies.start(Instance(id="bare", interfaces=_cards("10.0.0.5")))
    bodies.run("bare", "true")
    bodies.associate(address, "bare")
    with pytest.raises(paramiko.SSHException), _login(address, key):
        pass


def test_user_data_that_fails_says_so() -> None:
    made = Bodies()
    script = b"#!/bin/sh\necho no such thing >&2\nexit 3\n"
    made.start(Instance(id="bad", interfaces=_cards("10.0.0.5"), user_data=script))
    with pytest.raises(AssertionError, match=r"bad: .*no such thing"):
        made.close()
    assert not made.folder.exists()


def test_a_machine_reaches_the_emulator_s_port_under_the_emulator_s_own_address(bodies: Bodies) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        bodies.outlets.lead_to(port)
        bodies.start(Instance(id="web", interfaces=_cards("10.0.0.5")))
        answering = threading.Thread(target=_answer, args=(server, 2))
        answering.start()
        ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3"
        assert bodies.run("web", f"bash -c '{ask}'") == "hello"
        bodies.reboot("web")
        assert bodies.run("web", f"bash -c '{ask}'") == "hello"
        answering.join()


def _answer(server: socket.socket, times: int) -> None:
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"hello")


def test_a_public_address_leads_where_it_was_put_last(bodies: Bodies, key: paramiko.PKey) -> None:
    address = bodies.addresses.reserve()
    for name, ip in (("one", "10.0.0.5"), ("two", "10.0.0.6")):
        _start(bodies, name, ip, key=key)
        bodies.associate(address, name)
        with _login(address, key) as client:
            assert run(client, "hostname").out == f"{name}\n"
    bodies.delete("two")
    with pytest.raises(ConnectionRefusedError), _login(address, key):
        pass


def test_a_volume_shows_where_the_cloud_says_and_keeps_its_content(bodies: Bodies, key: paramiko.PKey) -> None:
    for name, ip in (("one", "10.0.0.5"), ("two", "10.0.0.6")):
        _start(bodies, name, ip, key=key)
    bodies.attach(DISK, "one")
    bodies.run("one", f"echo kept >{DEVICE}/file && mkdir /store && mount --bind {DEVICE} /store")
    with pytest.raises(ConflictError):
        bodies.detach(DISK.id, "one")
    bodies.run("one", "umount /store")
    bodies.detach(DISK.id, "one")
    assert bodies.run("one", f"ls -A $(dirname {DEVICE})") == ""
    bodies.attach(DISK, "two")
    assert bodies.run("two", f"cat {DEVICE}/file") == "kept\n"
    bodies.delete("two")
    bodies.delete_volume(DISK.id)
    bodies.attach(DISK, "one")
    assert bodies.run("one", f"ls -A {DEVICE}/") == ""


def test_a_boot_keeps_name_key_and_volume_and_runs_no_user_data(bodies: Bodies, key: paramiko.PKey) -> None:
    address = bodies.addresses.reserve()
    _start(bodies, "one", "10.0.0.5", key=key)
    bodies.associate(address, "one")
    bodies.attach(DISK, "one")
    bodies.run("one", "rm /etc/ssh/sshd_config.d/*")
    bodies.stop("one")
    assert bodies.standing() == {"one": VmState.STOPPED}
    bodies.power_on("one")
    with _login(address, key) as client:
        assert run(client, f"hostname; ls {DEVICE}/; ls /etc/ssh/sshd_config.d").out == "one\n"
    bodies.reboot("one")
    assert bodies.standing() == {"one": VmState.RUNNING}


def test_nothing_is_left_on_the_machine(key: paramiko.PKey) -> None:
    made = Bodies()
    _start(made, "one", "10.0.0.5", key=key)
    made.attach(DISK, "one")
    made.associate(made.addresses.reserve(), "one")
    place = made.folder
    assert processes_of(place)
    made.close()
    assert processes_of(place) == []
    assert not place.exists()


def _start(bodies: Bodies, name: str, ip: str, *, key: paramiko.PKey) -> None:
    """Start it and wait for the end of its first boot."""
    script = boot_script(SshAccess(user="root", public_key=_line(key)), host_name=name)
    bodies.start(Instance(id=name, interfaces=_cards(ip), user_data=script.encode()))
    bodies.run(name, "true")


def _cards(ip: str) -> tuple[Interface, ...]:
    return (Interface(ip=ip, cidr=SUBNETS[ip[:7]]),)


def _new_key() -> paramiko.PKey:
    private = Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    text = private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text))


def _line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


@contextlib.contextmanager
def _login(address: str, key: paramiko.PKey) -> Iterator[paramiko.SSHClient]:
    with socket.create_connection((address, 22), PATIENCE_S) as stream, _over(stream, key) as client:
        yield client


@contextlib.contextmanager
def _login_behind(jumpbox: paramiko.SSHClient, ip: str, key: paramiko.PKey) -> Iterator[paramiko.SSHClient]:
    transport = jumpbox.get_transport()
    assert transport is not None
    channel = transport.open_channel("direct-tcpip", (ip, 22), ("127.0.0.1", 0), timeout=PATIENCE_S)
    with _over(cast(socket.socket, Tunnel(channel)), key) as client:
        yield client


@contextlib.contextmanager
def _over(stream: socket.socket, key: paramiko.PKey) -> Iterator[paramiko.SSHClient]:
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "machine",
            username="root",
            pkey=key,
            sock=stream,
            allow_agent=False,
            look_for_keys=False,
            timeout=PATIENCE_S,
        )
        yield client
