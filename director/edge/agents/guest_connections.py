"""Connections to guests over SSH: the guest installed once, one kept-open channel for each VM.

Takes a loader of private keys and the guest's bundle, gives answers to verbs, and channels for commands and files.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import paramiko

from cpi.contract.errors import Retry
from cpi.contract.values import JsonValue
from director.edge.agents import guest_replies, guest_start, ssh_closing
from director.edge.agents.guest_bundle import GuestBundle
from director.edge.agents.guest_channel import QUESTIONS, ChannelClosedError, GuestChannel
from director.edge.agents.ssh_channels import LineReader, answering_within
from director.edge.agents.ssh_connections import EndpointFinder, KeyLoader, SshConnections
from director.edge.agents.ssh_targets import SshTarget
from director.errors import AgentError, UnreachableError
from director.model.agents.agent_answers import AgentIdentity
from director.model.plain_text import plain_line

_START_S = 60.0
_GREETING_S = 120.0
_STALE_AFTER_S = 5.0
_LIFE_S = 5.0
_ANSWER_S = 20.0
_CHUNK = 1 << 18
_SESSIONS = 4  # beside the kept one; sshd's MaxSessions is 10 for one connection

Greeting = Mapping[str, str]


class GuestConnections:
    """Safe to call from many threads. `close` ends every connection and thread."""

    def __init__(self, load_key: KeyLoader, bundle: GuestBundle, *, find_endpoint: EndpointFinder) -> None:
        self.bundle = bundle
        self._connections = SshConnections(load_key, find_endpoint)
        self._lock = threading.Lock()
        self._vms: dict[tuple[str, int, str, str], _Vm] = {}

    def connect(self, target: SshTarget) -> AgentIdentity:
        """After: the guest of our version runs there."""
        vm = self._vm(target)
        with vm.opening:
            greeting = self._greet(vm, target)
        return AgentIdentity(
            guest_version=greeting["version"],
            python=greeting["python"],
            identity=self._connections.host_key(target),
        )

    def call(
        self,
        target: SshTarget,
        verb: str,
        arguments: Mapping[str, JsonValue],
        *,
        watch: Callable[[str], None],
    ) -> JsonValue:
        """Run a verb to its end; gives what the guest answered, as it came. Asks again what may be asked again."""
        try:
            return self.channel(target).call(verb, arguments, watch=watch)
        except ChannelClosedError:
            pass  # nothing was sent: once more, over a new channel
        except AgentError as error:
            if error.retry is not Retry.UNKNOWN or verb not in QUESTIONS:
                raise  # it may have been done; a question may be asked again
        try:
            return self.channel(target).call(verb, arguments, watch=watch)
        except ChannelClosedError as error:
            raise _gone(target, str(error)) from error

    def channel(self, target: SshTarget) -> GuestChannel:
        """A channel that works, as far as can be known without sending the request."""
        vm = self._vm(target)
        with vm.opening:
            channel = vm.channel
            is_stale = channel is not None and channel.silent_s > _STALE_AFTER_S
            if channel is not None and is_stale and not channel.is_alive(_LIFE_S):
                self._drop(vm, target)
                channel = None
            if channel is None or channel.is_closed:
                self._open_guest(vm, target)
            assert vm.channel is not None
            return vm.channel

    def forget(self, target: SshTarget) -> None:
        """Close what is open to it."""
        with self._lock:
            vm = self._vms.pop(_address(target), None)
        if vm is not None and vm.channel is not None:
            vm.channel.close()
        self._connections.forget(target)

    def close(self) -> None:
        """End everything: guests on VMs see their input end."""
        with self._lock:
            vms, self._vms = list(self._vms.values()), {}
        for vm in vms:
            if vm.channel is not None:
                vm.channel.close()
        self._connections.close_all()

    def is_key_accepted(self, target: SshTarget) -> bool:
        """Whether a new connection is let in with the target's key; what is open stays so."""
        return self._connections.is_key_accepted(target)

    @contextmanager
    def open_command(self, target: SshTarget, command: str) -> Iterator[paramiko.Channel]:
        """Run a shell command there, its streams being the channel's. Not more than four at once on one VM."""
        with self._vm(target).sessions:
            channel = self._open_session(target)
            try:
                with answering_within(channel, _ANSWER_S):
                    channel.exec_command(command)
                yield channel
            except (paramiko.SSHException, OSError, EOFError) as error:
                raise _gone(target, str(error)) from error
            finally:
                ssh_closing.close_quietly(channel)

    @contextmanager
    def open_terminal(self, target: SshTarget, *, columns: int, lines: int) -> Iterator[paramiko.Channel]:
        """A login shell on a terminal of that size."""
        with self._vm(target).sessions:
            channel = self._open_session(target)
            try:
                with answering_within(channel, _ANSWER_S):
                    channel.get_pty(width=columns, height=lines)
                    channel.invoke_shell()
                yield channel
            except (paramiko.SSHException, OSError, EOFError) as error:
                raise _gone(target, str(error)) from error
            finally:
                ssh_closing.close_quietly(channel)

    @contextmanager
    def open_files(self, target: SshTarget) -> Iterator[paramiko.SFTPClient]:
        """An SFTP client to the VM, as the login's own user."""
        with self._vm(target).sessions:
            channel = self._open_session(target)
            try:
                with answering_within(channel, _ANSWER_S):
                    channel.invoke_subsystem("sftp")
                    client = paramiko.SFTPClient(channel)
            except (paramiko.SSHException, OSError, EOFError) as error:
                ssh_closing.close_quietly(channel)
                raise _gone(target, f"its SSH server has no SFTP ({error})") from error
            try:
                with client:
                    yield client
            except (paramiko.SSHException, paramiko.SFTPError, EOFError) as error:
                raise _gone(target, str(error)) from error

    def _vm(self, target: SshTarget) -> "_Vm":
        with self._lock:
            return self._vms.setdefault(_address(target), _Vm())

    def _greet(self, vm: "_Vm", target: SshTarget) -> Greeting:
        """What the guest says of itself: at once over a channel that lives, else over a new one."""
        if vm.channel is not None and vm.channel.is_alive(_LIFE_S):
            return vm.greeting
        self._drop(vm, target)
        self._open_guest(vm, target)
        return vm.greeting

    def _drop(self, vm: "_Vm", target: SshTarget) -> None:
        """Give up a connection that does not answer; its host key stays pinned."""
        if vm.channel is not None:
            vm.channel.close()
            vm.channel = None
            self._connections.close(target)

    def _open_guest(self, vm: "_Vm", target: SshTarget) -> None:
        channel, lines, word = self._begin_guest(target)
        if not word.startswith("{"):
            raise _not_started(target, word, stderr_of(channel))
        try:
            vm.greeting = guest_replies.read_greeting(word.encode(), name=target.name)
        except AgentError:
            ssh_closing.close_quietly(channel)
            raise
        vm.channel = GuestChannel(channel, lines.take_rest(), name=target.name)

    def _begin_guest(self, target: SshTarget) -> tuple[paramiko.Channel, LineReader, str]:
        """Its channel and first word; once more over a new connection when the kept one turns out to be dead."""
        try:
            return self._say_guest(target)
        except (paramiko.SSHException, OSError, EOFError):
            self._connections.close(target)
        try:
            return self._say_guest(target)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _gone(target, str(error)) from error

    def _say_guest(self, target: SshTarget) -> tuple[paramiko.Channel, LineReader, str]:
        channel = self._open_session(target)
        channel.settimeout(_START_S)
        lines = LineReader(channel)
        try:
            with answering_within(channel, _ANSWER_S):
                channel.exec_command(guest_start.serve_command(self.bundle))
            with answering_within(channel, _GREETING_S):
                word = lines.read_line().decode("utf-8", "replace")
                if word == guest_start.SEND:
                    channel.sendall(self.bundle.content)
                    word = lines.read_line().decode("utf-8", "replace")
        except (paramiko.SSHException, OSError, EOFError):
            ssh_closing.close_quietly(channel)
            raise
        return channel, lines, word

    def _open_session(self, target: SshTarget) -> paramiko.Channel:
        """A session on the kept connection; when that turns out to be dead, once more on a new one."""
        for _ in range(2):
            try:
                return self._connections.transport(target).open_session(timeout=_LIFE_S)
            except (paramiko.SSHException, OSError, EOFError):
                self._connections.close(target)
        raise _gone(target, "it accepts the login but opens no session")


class _Vm:
    """What is open to one VM."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.sessions = threading.BoundedSemaphore(_SESSIONS)
        self.channel: GuestChannel | None = None
        self.greeting: Greeting = {}


def _address(target: SshTarget) -> tuple[str, int, str, str]:
    """A VM as one login sees it: what a person's login opens and ends is not the director's."""
    return target.host, target.port, target.user, f"{target.jump.host}:{target.jump.port}" if target.jump else ""


def stderr_of(channel: paramiko.Channel) -> str:
    """The last words on the error stream of a command that has ended."""
    channel.settimeout(2.0)
    try:
        text = channel.recv_stderr(_CHUNK)
    except OSError:
        return ""
    finally:
        ssh_closing.close_quietly(channel)
    return plain_line(text.decode("utf-8", "replace")[-500:])


def _python_found(word: str) -> str:
    version = plain_line(word.removeprefix(guest_start.TOO_OLD), most=100)
    return f"Its python3 is {version}." if word.startswith(guest_start.TOO_OLD) else "It has no python3."


def _not_started(target: SshTarget, word: str, complaint: str) -> UnreachableError:
    if word.startswith((guest_start.NO_PYTHON, guest_start.TOO_OLD)):
        return UnreachableError(
            "vm-too-old",
            f"{target.name} has no Python 3.8 or later.",
            why=_python_found(word),
            fix="Use an image that has one: every current Debian, Ubuntu, RHEL or SUSE does.",
        )
    return UnreachableError(
        "vm-guest-refused",
        f"The guest cannot start on {target.name}.",
        why=plain_line(word.removeprefix(guest_start.REFUSED)) or complaint or "It ended without output.",
        fix=f"User '{target.user}' must be root or have passwordless sudo, and the disk must have free space.",
    )


def _gone(target: SshTarget, why: str) -> UnreachableError:
    return UnreachableError(
        "vm-port-closed",
        f"The connection to {target.name} at {target.host}:{target.port} broke.",
        why=why,
        fix="Check that the VM is running, then run the command again.",
    )
