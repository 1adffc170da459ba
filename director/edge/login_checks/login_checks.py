"""The LoginChecks port: SSH as a user logs in, a page as a browser does.

Takes a login, gives "" if it works and the problem if not.
"""

from director.edge.agents.guest_connections import GuestConnections
from director.edge.agents.ssh_targets import ssh_target
from director.edge.login_checks import page_login
from director.errors import ActionFailedError
from director.model.agents.agent_address import AgentTarget
from director.ports.login_checks import LoginCheck

_MAX_BYTES = 1 << 20


class UserLoginChecks:
    """Uses the agent's connections: the same keys and host keys that are printed."""

    def __init__(self, guests: GuestConnections) -> None:
        self._guests = guests

    def run_command(self, target: AgentTarget, command: str) -> str:
        """What the command prints there. Raises ActionFailedError, code `command-failed`, with what it complained."""
        with self._guests.open_command(ssh_target(target), command) as channel:
            printed = channel.makefile("rb").read(_MAX_BYTES).decode(errors="replace")
            complaint = channel.makefile_stderr("rb").read(_MAX_BYTES).decode(errors="replace")
            status = channel.recv_exit_status()
        if status:
            raise ActionFailedError(
                "command-failed",
                f"'{command}' ended with exit code {status} on {target.name}.",
                why=complaint.strip() or "It printed nothing.",
                output=printed + complaint,
            )
        return printed

    def is_key_accepted(self, target: AgentTarget) -> bool:
        """Open a new connection there, and close it."""
        return self._guests.is_key_accepted(ssh_target(target))

    def try_login(self, login_check: LoginCheck) -> str:
        """Log in at a page over TLS."""
        return page_login.try_login(login_check)
