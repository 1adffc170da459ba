"""An operator's access to a VM: a shell, a command, files.

Takes targets, gives exit codes; streams are the operator's own terminal.
"""

from dataclasses import field
from typing import Protocol

from cpi.contract.value_classes import dataclass
from director.model.agents.agent_address import AgentTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEnd:
    """How a script ended, and the end of what it printed on both streams, safe to print."""

    exit_code: int
    output: str = field(repr=False)


class RemoteAccess(Protocol):
    def open_shell(self, target: AgentTarget) -> int:
        """An interactive shell on the terminal; gives its exit code."""

    def run_command(self, target: AgentTarget, command: str) -> int:
        """Run a command, its streams being ours; gives its exit code."""

    def run_script(self, target: AgentTarget, script: str) -> ScriptEnd:
        """Run a script by sh, as the user who logs in; it goes there by standard input, so no list of processes has
        its text. Its own standard input is empty.
        """

    def send_file(self, target: AgentTarget, *, local: str, remote: str, is_recursive: bool = False) -> None:
        """Copy a file there, with `is_recursive` also a folder.

        Raises InputError: file-missing, copy-of-folder; AgentError, code `copy-failed`.
        """

    def fetch_file(self, target: AgentTarget, *, remote: str, local: str, is_recursive: bool = False) -> None:
        """Copy a file from there, with `is_recursive` also a folder.

        Raises InputError, code `copy-of-folder`; AgentError: copy-failed, copy-refused.
        """
