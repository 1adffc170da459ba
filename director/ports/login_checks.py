"""Logins, checked before they are printed.

Takes a login, gives "" if it works and the problem if not.
"""

from dataclasses import field
from typing import Protocol

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Endpoint
from director.model.agents.agent_address import AgentTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginCheck:
    """A page with a login form; its hidden fields are sent back as they are.

    `ca` is the PEM of the CA that signed the page's certificate.
    """

    endpoint: Endpoint
    path: str
    user: str
    ca: str
    password: str = field(repr=False)


class LoginChecks(Protocol):
    def run_command(self, target: AgentTarget, command: str) -> str:
        """What the command prints there, logged in by SSH as a person would. Raises UnreachableError, AgentError."""

    def is_key_accepted(self, target: AgentTarget) -> bool:
        """Whether the VM lets the target's login in with its key, over a new connection; a jumpbox's may be kept.

        Raises UnreachableError where the VM does not answer.
        """

    def try_login(self, login_check: LoginCheck) -> str:
        """Log in at a page over TLS. Gives "" or what went wrong."""
