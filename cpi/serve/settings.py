"""The settings of a served plugin: a file, overridden by the properties that a director sends in the context.

Takes a file's text and a request, gives ConnectSettings and a login. Standard library only.
"""

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.progress import Progress
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue

_KEYS = frozenset({"agent", "environment", "state_dir", "login", "properties"})
DEFAULT_ENVIRONMENT = "bosh"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSettings:
    """`user` is who a VM's key is for; `public_key` is "" where the director sends one with each VM.

    `agent` are the settings of a bosh-agent: mbus, ntp, blobstore.
    """

    environment: str = DEFAULT_ENVIRONMENT
    state_dir: str = ""
    user: str = "vcap"
    public_key: str = ""
    properties: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    agent: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)

    def connect_settings(self, overlay: Mapping[str, JsonValue], progress: Progress) -> ConnectSettings:
        """For the plugin; a director's cpi-config wins over the file."""
        return ConnectSettings(
            environment=self.environment,
            state_dir=self.state_dir or _default_state(self.environment),
            properties={**self.properties, **overlay},
            progress=progress,
        )


def load_settings(path: str | None, plugin: str) -> ServedSettings:
    """Read the file: ours, or BOSH's `cpi.json`. Raises CloudError, code `cpi-config-invalid`."""
    if path is None:
        return ServedSettings()
    try:
        document = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise _invalid(path, f"It is not valid JSON: {type(error).__name__}.") from error
    if not isinstance(document, dict):
        raise _invalid(path, "It is not a JSON object.")
    if "cloud" in document:
        return _bosh_settings(document["cloud"], path, plugin)
    return _own_settings(document, path)


def _own_settings(document: Mapping[str, JsonValue], path: str) -> ServedSettings:
    if unknown := sorted(document.keys() - _KEYS):
        raise _invalid(path, f"It has '{unknown[0]}'; valid keys are {', '.join(sorted(_KEYS))}.")
    login = _mapping(document.get("login"), path, "login")
    return ServedSettings(
        environment=_text(document, "environment") or DEFAULT_ENVIRONMENT,
        state_dir=_text(document, "state_dir"),
        user=_text(login, "user") or "vcap",
        public_key=_text(login, "public_key"),
        properties=_mapping(document.get("properties"), path, "properties"),
        agent=_mapping(document.get("agent"), path, "agent"),
    )


def _bosh_settings(cloud: JsonValue, path: str, plugin: str) -> ServedSettings:
    """`cloud.properties.<iaas>` and `.agent`, as a CPI release's job renders them."""
    properties = _mapping(_mapping(cloud, path, "cloud").get("properties"), path, "cloud.properties")
    own = _mapping(properties.get(plugin), path, f"cloud.properties.{plugin}")
    return ServedSettings(
        user=_text(own, "ssh_user") or "vcap",
        public_key=_text(own, "ssh_public_key"),
        properties=own,
        agent=_mapping(properties.get("agent"), path, "cloud.properties.agent"),
    )


def _mapping(value: JsonValue, path: str, name: str) -> Mapping[str, JsonValue]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _invalid(path, f"'{name}' is not an object.")
    return value


def _text(document: Mapping[str, JsonValue], name: str) -> str:
    value = document.get(name, "")
    return value if isinstance(value, str) else ""


def _default_state(environment: str) -> str:
    """Under the home that a director hands on; without one, a folder of its own name in the system's own place."""
    named = os.environ.get("COMPLEAT_HOME")
    home = Path(named).expanduser() if named else Path(os.environ.get("HOME", "/var/lib"), ".compleat")
    return str(home / "cpi" / str(uuid.uuid5(uuid.NAMESPACE_DNS, environment)))


def _invalid(path: str, why: str) -> CloudError:
    return CloudError(
        "cpi-config-invalid",
        f"The file {path} has no valid CPI settings.",
        why=why,
        fix='Write {"environment": ..., "login": {"user": ..., "public_key": ...}, "properties": {...}}.',
    )
