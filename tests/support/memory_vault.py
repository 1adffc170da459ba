"""A Vault in memory: secrets that anyone can foresee."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cpi.contract.values import JsonValue
from director.errors import InputError, StateError
from director.model.environments.desired import VariableSpec
from director.model.environments.state import SecretRecord
from tests.support.deaths import Deaths

_TYPES = frozenset({"password", "ssh", "rsa", "certificate", "user"})


@dataclass(slots=True)
class VaultDisk:
    values: dict[str, JsonValue] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    shown: dict[str, SecretRecord] = field(default_factory=dict)
    """How values say they were generated; those made here say nothing."""
    damaged: list[str] = field(default_factory=list)


class MemoryVault:
    """Implements Vault."""

    def __init__(self, disk: VaultDisk | None = None, deaths: Deaths | None = None) -> None:
        self.disk = disk or VaultDisk()
        self._deaths = deaths or Deaths()

    def make_secret(self, variable: VariableSpec, *, version: int = 1) -> None:
        if variable.type not in _TYPES:
            raise InputError("unknown-variable-type", f"'{variable.name}' has the unknown type '{variable.type}'.")
        if self.disk.versions.get(variable.name, 0) < version:
            self._deaths.passing("vault: before make")
            self.disk.values[variable.name] = _made(variable.type)
            self.disk.versions[variable.name] = version
            self._deaths.passing("vault: after make")

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        if variable.type not in _TYPES:
            raise InputError("unknown-variable-type", f"'{variable.name}' has the unknown type '{variable.type}'.")
        return _made(variable.type)

    def put_secret(self, name: str, value: JsonValue) -> None:
        self._put(name, value)

    def restore_ssh_key(self, name: str, *, private_key: str, public_key: str) -> bool:
        made = {"private_key": private_key, "public_key": public_key}
        if name not in self.disk.values and made == _made("ssh"):
            self._put(name, _made("ssh"))
        return name in self.disk.values

    def get_secret(self, name: str) -> JsonValue:
        if name not in self.disk.values:
            raise StateError("secret-missing", f"Secret '{name}' does not exist.")
        return self.disk.values[name]

    def forget_secrets(self, prefix: str) -> None:
        for name in self.list_secrets(prefix):
            del self.disk.values[name]
            del self.disk.versions[name]

    def forget_secret(self, name: str) -> None:
        self.disk.values.pop(name, None)
        self.disk.versions.pop(name, None)

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        return {name: self.disk.versions[name] for name in names if name in self.disk.versions}

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        return self.disk.shown.get(variable.name)

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.disk.values if name.startswith(prefix)))

    def damaged_files(self) -> tuple[str, ...]:
        return tuple(self.disk.damaged)

    def _put(self, name: str, value: JsonValue) -> None:
        self.disk.values[name] = value
        self.disk.versions[name] = self.disk.versions.get(name, 0) + 1


def _made(kind: str) -> JsonValue:
    """A login for SSH has two halves, as for real; the rest is not looked into."""
    return {"private_key": "made ssh", "public_key": "ssh-ed25519 made"} if kind == "ssh" else f"made {kind}"
