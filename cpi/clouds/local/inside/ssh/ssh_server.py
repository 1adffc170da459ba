"""The SSH server of one VM: forked from the service with everything imported, it executes no file.

Takes a listening socket, runs for ever. Keys are read as OpenSSH reads them, from ~/.ssh/authorized_keys
and authorized_keys2; passwords
are refused; forwarding (for a jumpbox) is allowed.
"""

import asyncio
import asyncio.unix_events
import concurrent.futures.thread
import encodings.idna
import gc
import grp
import os
import pwd
import queue
import socket

import asyncssh
import asyncssh.sftp

from cpi.clouds.local.inside.ssh import ssh_login, ssh_session
from cpi.clouds.local.inside.system import log

# Imported here because asyncio would import them later, when the tool's files can no longer be reached.
_NEEDED_LATER = (asyncio.unix_events, concurrent.futures.thread, encodings.idna, grp, queue)
_HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"


def run(listener: socket.socket, *, has_one_id: bool) -> None:
    """Serve SSH on `listener`, in a process whose root is the VM's."""
    gc.enable()
    asyncssh.set_log_level("WARNING")
    asyncio.run(_serve(listener, has_one_id))


def warm_up() -> bool:
    """Make the crypto library load what a login needs, while the tool's files can be reached."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    signed = key.sign(b"warm", b"ssh-ed25519")
    return bool(key.convert_to_public().verify(b"warm", signed))


def make_host_key() -> tuple[str, str]:
    """A new host key: the private file's text, and the public line."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    return key.export_private_key().decode(), key.export_public_key().decode().strip()


class _Server(asyncssh.SSHServer):
    def __init__(self, has_one_id: bool) -> None:
        self._has_one_id = has_one_id
        self._connection: asyncssh.SSHServerConnection | None = None
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        _send_at_once(conn.get_extra_info("socket"))

    def begin_auth(self, username: str) -> bool:
        self._user = username
        assert self._connection is not None
        try:
            own = f"{pwd.getpwnam(username).pw_dir}/.ssh/authorized_keys"
            paths = [path for path in (own, f"{own}2") if os.path.exists(path) and os.path.getsize(path)]
            if paths:
                self._connection.set_authorized_keys(paths)
        except (KeyError, OSError, ValueError) as error:
            log.say(f"No keys for {username!r}: {error}")
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def session_requested(self) -> ssh_session.SshSession:
        login = ssh_login.SshLogin(account=pwd.getpwnam(self._user), has_one_id=self._has_one_id)
        return ssh_session.SshSession(login)

    def connection_requested(self, *way: object) -> bool:
        return True


async def _serve(listener: socket.socket, has_one_id: bool) -> None:
    await asyncssh.listen(
        sock=listener,
        server_factory=lambda: _Server(has_one_id),
        server_host_keys=[asyncssh.read_private_key(_HOST_KEY)],
        encoding=None,
        agent_forwarding=False,
        compression_algs=None,
        login_timeout=60,
        keepalive_interval=0,
    )
    await asyncio.get_running_loop().create_future()


def _send_at_once(connection: socket.socket | None) -> None:
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
