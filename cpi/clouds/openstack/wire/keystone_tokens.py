"""Keystone's token: the roles and the expiry of the login. Pure.

Takes Keystone's answers, gives findings.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding

_ONLY_READS = frozenset({"reader"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeystoneToken:
    """Who has a token: by an application credential, or ("") by a password."""

    user_id: str
    application_credential_id: str
    roles: frozenset[str]

    def path(self) -> str:
        """The place of the login's expiry in Keystone's answers."""
        user = f"/users/{self.user_id}"
        key = self.application_credential_id
        return f"{user}/application_credentials/{key}" if key else user


def read_expiry(answer: Mapping[str, Any]) -> str:
    """The last moment of an application credential or a password, in ISO's form; "" without one."""
    credential, user = answer.get("application_credential") or {}, answer.get("user") or {}
    return str(credential.get("expires_at") or user.get("password_expires_at") or "")


def judge_roles(login: KeystoneToken) -> Iterator[Finding]:
    """Roles are named by each cloud's operator; only the one that every OpenStack has for reading is known."""
    if login.roles and login.roles <= _ONLY_READS:
        yield Finding(
            code="permissions-doubtful",
            what="This login may only read, and probably cannot create resources.",
            why="Its only role in the project is 'reader'.",
            fix="Ask the cloud's operator: `openstack role add --project PROJECT --user USER member`.",
            is_fatal=False,
        )


def left_s(expires: str, *, now_s: float) -> float | None:
    """How long a login lives on; None where "" or what is no time says nothing."""
    try:
        last = datetime.datetime.fromisoformat(expires.removesuffix("Z")).replace(tzinfo=datetime.UTC)
    except ValueError:
        return None
    return last.timestamp() - now_s
