"""Sessions of a VM's SSH server, over real SSH in one loop: what the client sends reaches the child whole."""

import asyncio
import hashlib
import os
import pwd

import asyncssh

from cpi.clouds.local.inside.ssh import ssh_login, ssh_session

_BYTES = 8 << 20
"""Several times what pipe, pump and window hold together: sender and reader wait for each other again and again."""


class _Server(asyncssh.SSHServer):
    """Lets anyone in, as who runs the test."""

    def begin_auth(self, username: str) -> bool:
        return False

    def session_requested(self) -> ssh_session.SshSession:
        return ssh_session.SshSession(ssh_login.SshLogin(account=pwd.getpwuid(os.geteuid()), has_one_id=False))


async def _ask(command: str, given: bytes) -> bytes:
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with (
        await asyncssh.listen("127.0.0.1", 0, server_factory=_Server, server_host_keys=[key], encoding=None) as server,
        asyncssh.connect("127.0.0.1", server.get_port(), known_hosts=None, client_keys=None, config=None) as client,
        client.create_process(command, encoding=None) as process,
    ):
        process.stdin.write(given)
        process.stdin.write_eof()
        answer = bytes(await process.stdout.read())
        assert (await process.wait()).exit_status == 0
    return answer


def test_a_child_that_reads_late_gets_every_byte_before_the_end_of_its_input() -> None:
    given = os.urandom(_BYTES)
    answer = asyncio.run(_ask("sleep 0.3; exec sha256sum", given))
    assert answer.split()[0].decode() == hashlib.sha256(given).hexdigest()


def test_a_child_that_reads_at_once_gets_every_byte_too() -> None:
    given = os.urandom(_BYTES)
    assert asyncio.run(_ask("exec cat", given)) == given


def test_a_child_that_reads_nothing_is_heard_all_the_same() -> None:
    assert asyncio.run(_ask("exec <&-; echo done", b"x" * _BYTES)) == b"done\n"
