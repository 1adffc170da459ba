"""What the console is told.

Takes the JSON file the release renders, gives one frozen Settings.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One server to show. `database` and `user` are empty where the kind has none."""

    kind: Literal["postgresql", "redis", "nats"]
    instance: str
    address: str
    port: int
    password: str = field(repr=False)
    database: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the console needs, secrets included; they stay out of its repr.

    What is `previous` counts beside the value that follows it: the former one while that is rotated, else the same.
    """

    title: str
    deployment: str
    port: int
    admin_user: str
    admin_password: str = field(repr=False)
    previous_admin_password: str = field(repr=False)
    session_key: str = field(repr=False)
    previous_session_key: str = field(repr=False)
    session_hours: float
    certificate: str
    private_key: str
    services: tuple[Service, ...]

    @property
    def admin_passwords(self) -> tuple[str, str]:
        """Those that are accepted."""
        return self.admin_password, self.previous_admin_password

    @property
    def session_keys(self) -> tuple[str, str]:
        """The first one signs, both count."""
        return self.session_key, self.previous_session_key


def load_settings(path: Path) -> Settings:
    """Read the settings file; a key too many or too few is a TypeError that names it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    services = tuple(Service(**service) for service in document.pop("services"))
    settings = Settings(**document, services=services)
    if len(settings.session_key) < 32:
        raise ValueError("session_key is shorter than 32 characters")
    return settings
