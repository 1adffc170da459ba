"""What paramiko leaves open: connections inside others that break, answers that never come."""

import socket
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from director.edge.agents.ssh_channels import answering_within
from director.edge.agents.ssh_keys import read_private_key
from director.edge.agents.ssh_tunnels import Tunnel
from tests.support.ssh_server import SshServer

KEY = asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    running = SshServer(folder=tmp_path, accepted=[KEY.export_public_key()]).start()
    yield running
    running.stop()


@pytest.fixture
def outer(server: SshServer) -> Iterator[paramiko.Transport]:
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", server.port)))
    transport.start_client(timeout=5)
    transport.auth_publickey("anyone", read_private_key(KEY.export_private_key().decode(), name="test"))
    yield transport
    transport.close()
    transport.join(5)


def _open(outer: paramiko.Transport) -> paramiko.Channel:
    address = outer.getpeername()
    return outer.open_channel("direct-tcpip", (address[0], address[1]), ("127.0.0.1", 0), timeout=5)


def test_closing_is_quiet_when_the_outer_connection_can_send_no_more(outer: paramiko.Transport) -> None:
    tunnel = Tunnel(_open(outer))
    outer.sock.shutdown(socket.SHUT_WR)
    tunnel.close()  # a bare channel raises EOFError here, unless the outer connection's thread has seen the end
    tunnel.close()


def test_what_cannot_be_sent_is_told_as_a_socket_tells_it(outer: paramiko.Transport) -> None:
    tunnel = Tunnel(_open(outer))
    tunnel.close()
    with pytest.raises(ConnectionResetError) as raised:
        tunnel.send(b"x")
    assert len(raised.value.args) == 2


def test_silence_is_a_timeout_and_the_end_is_no_bytes(outer: paramiko.Transport) -> None:
    tunnel = Tunnel(_open(outer))
    tunnel.settimeout(5)
    assert tunnel.recv(4) == b"SSH-"
    tunnel.settimeout(0.05)
    with pytest.raises(TimeoutError):
        while tunnel.recv(1 << 16):
            continue
    tunnel.close()
    assert tunnel.recv(4) == b""


def test_a_command_that_is_not_answered_is_given_up_in_time(server: SshServer, outer: paramiko.Transport) -> None:
    channel = outer.open_session(timeout=5)
    server.freeze(1.0)
    with pytest.raises(paramiko.SSHException, match="Channel closed"), answering_within(channel, 0.2):
        channel.exec_command("true")
    assert channel.closed


def test_a_command_that_is_answered_keeps_its_channel(outer: paramiko.Transport) -> None:
    channel = outer.open_session(timeout=5)
    with answering_within(channel, 5.0):
        channel.exec_command("sleep 0.1; echo done")
    assert channel.recv(16) == b"done\n"
