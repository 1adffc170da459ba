"""Logins tried before they are printed.

Takes what will be printed, gives "" when it works and the reason when not.
"""

from dataclasses import dataclass, field
from typing import Protocol

from cpi.contract.values import Endpoint
from director.model.agents.agent_address import AgentTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTrial:
    """A page with a login form; its hidden fields are sent back as they are.

    `ca` is the PEM of the CA that signed the page's certificate.
    """

    endpoint: Endpoint
    path: str
    user: str
    ca: str
    password: str = field(repr=False)


class Trials(Protocol):
    def run_command(self, target: AgentTarget, command: str) -> str:
        """What the command prints there, logged in by SSH as a person would. Raises UnreachableError, AgentError."""

    def try_login(self, trial: LoginTrial) -> str:
        """Log in at a page over TLS. Gives "" or what went wrong."""
