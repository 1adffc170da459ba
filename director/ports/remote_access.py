"""An operator's access to a VM: a shell, a command, files.

Takes targets, gives exit codes; streams are the operator's own terminal.
"""

from typing import Protocol

from director.model.agents.agent_address import AgentTarget


class RemoteAccess(Protocol):
    def open_shell(self, target: AgentTarget) -> int:
        """An interactive shell on the terminal; gives its exit code."""

    def run_command(self, target: AgentTarget, command: str) -> int:
        """Run a command, its streams being ours; gives its exit code."""

    def send_file(self, target: AgentTarget, *, local: str, remote: str) -> None:
        """Copy a file there. Raises InputError, code `file-missing`; AgentError, code `copy-failed`."""

    def fetch_file(self, target: AgentTarget, *, remote: str, local: str) -> None:
        """Copy a file from there."""
