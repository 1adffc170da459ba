"""A Vault in memory: secrets that anyone can foresee."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cpi.contract.values import JsonValue
from director.errors import InputError, StateError
from director.model import ca_transition, retired_secrets
from director.model.ca_transition import CaPhase, CertificateFacts, SecretChange
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
    next_keys: dict[str, str] = field(default_factory=dict)
    """Of CAs whose next certificate does not sign yet."""
    ssh_keys: int = 0
    """How many were made."""
    ends: dict[str, float] = field(default_factory=dict)
    """When certificates end, where that is not in years."""


class MemoryVault:
    """Implements Vault."""

    def __init__(self, disk: VaultDisk | None = None, deaths: Deaths | None = None) -> None:
        self.disk = disk or VaultDisk()
        self._deaths = deaths or Deaths()

    def make_secret(
        self, variable: VariableSpec, *, version: int = 1, change: SecretChange = SecretChange.GENERATE
    ) -> None:
        if variable.type not in _TYPES:
            raise InputError("unknown-variable-type", f"'{variable.name}' has the unknown type '{variable.type}'.")
        if self.disk.versions.get(variable.name, 0) < version:
            self._deaths.passing("vault: before make")
            self.disk.values[variable.name] = self._value(variable, version, change)
            self.disk.versions[variable.name] = version
            self._deaths.passing("vault: after make")

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        if variable.type not in _TYPES:
            raise InputError("unknown-variable-type", f"'{variable.name}' has the unknown type '{variable.type}'.")
        return self._value(variable, 1, SecretChange.GENERATE)

    def put_secret(self, name: str, value: JsonValue) -> None:
        self._put(name, value)
        self._deaths.passing("vault: after put")

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
        for name in [each for each in self.disk.values if each.startswith(prefix)]:
            del self.disk.values[name]
            del self.disk.versions[name]

    def forget_secret(self, name: str) -> None:
        self._deaths.passing("vault: before forget")
        self.disk.values.pop(name, None)
        self.disk.versions.pop(name, None)

    def retire_secret(self, name: str) -> None:
        if name in self.disk.values:
            self._deaths.passing("vault: before retire")
            self.disk.values[retired_secrets.retired_name(name)] = self.disk.values[name]
            self.disk.versions[retired_secrets.retired_name(name)] = self.disk.versions[name]

    def retired_secrets(self, prefix: str) -> tuple[str, ...]:
        names = [name for name in self.disk.values if name.startswith(prefix) and retired_secrets.is_retired(name)]
        return tuple(sorted(map(retired_secrets.name_of, names)))

    def differing_from(self, pairs: Mapping[str, str]) -> frozenset[str]:
        values = self.disk.values
        return frozenset(
            name for name, one in pairs.items() if name in values and one in values and values[name] != values[one]
        )

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        return {name: self.disk.versions[name] for name in names if name in self.disk.versions}

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        return self.disk.shown.get(variable.name)

    def describe_certificates(self, names: Iterable[str]) -> Mapping[str, CertificateFacts]:
        known = {name: self.disk.values[name] for name in names if name in self.disk.values}
        return {
            name: CertificateFacts(
                ends_at=self.disk.ends.get(name, 4e9),
                key_id=str(value["certificate"]).partition(" ")[0],
                issuer_key_id=str(value["certificate"]).partition(" ")[0].partition("/")[2] or str(value["ca"]),
                certificates=str(value["certificate"]),
                ca=str(value["ca"]),
                phase=self._phase(name),
            )
            for name, value in known.items()
            if isinstance(value, Mapping) and {"ca", "certificate"} <= set(value)
        }

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        names = [name for name in self.disk.values if not retired_secrets.is_retired(name)]
        return tuple(sorted(name for name in names if name.startswith(prefix)))

    def damaged_files(self) -> tuple[str, ...]:
        return tuple(self.disk.damaged)

    def _value(self, variable: VariableSpec, version: int, change: SecretChange) -> JsonValue:
        """A certificate is "own number/number of the one that signed it"; a CA has two of them in a transition."""
        name, signer = variable.name, self.disk.values.get(str(variable.options.get("ca", "")))
        before = self.disk.values.get(name)
        if variable.previous_of:
            return self.disk.values[variable.previous_of]
        if variable.type == "ssh":
            return self._next_ssh_key()
        if variable.type != "certificate":
            return _made(variable.type) if version == 1 else f"made {variable.type} {version}"
        if change is SecretChange.GENERATE or not isinstance(before, Mapping):
            own = f"c{version}"
            self.disk.next_keys.pop(name, None)
            if not isinstance(signer, Mapping):
                return {"ca": own, "certificate": own, "private_key": f"key of {own}"}
            by = str(signer["certificate"]).partition(" ")[0]
            return {"ca": signer["certificate"], "certificate": f"{own}/{by}", "private_key": f"key of {own}"}
        if change is SecretChange.TAKE_CA:
            return {**before, "ca": signer["certificate"]} if isinstance(signer, Mapping) else before
        if self._phase(name) not in ca_transition.expected_phase(change):
            return before
        first, _, last = str(before["certificate"]).partition(" ")
        both = {
            SecretChange.ADD_CA: f"{first} c{version}",
            SecretChange.SWITCH_CA: f"{last} {first}",
            SecretChange.DROP_CA: first,
        }[change]
        key = before["private_key"] if change is not SecretChange.SWITCH_CA else self.disk.next_keys.pop(name)
        if change is SecretChange.ADD_CA:
            self.disk.next_keys[name] = f"key of c{version}"
        return {"ca": both, "certificate": both, "private_key": key}

    def _next_ssh_key(self) -> JsonValue:
        """Each one differs from those before."""
        self.disk.ssh_keys += 1
        number = f" {self.disk.ssh_keys}" if self.disk.ssh_keys > 1 else ""
        return {"private_key": f"made ssh{number}", "public_key": f"ssh-ed25519 made{number}"}

    def _phase(self, name: str) -> CaPhase:
        value = self.disk.values[name]
        if name in self.disk.next_keys:
            return CaPhase.ADDED
        is_of_two = isinstance(value, Mapping) and " " in str(value["certificate"])
        return CaPhase.SWITCHED if is_of_two else CaPhase.SETTLED

    def _put(self, name: str, value: JsonValue) -> None:
        self.disk.values[name] = value
        self.disk.versions[name] = self.disk.versions.get(name, 0) + 1


def _made(kind: str) -> JsonValue:
    """A login for SSH has two halves, as for real; the rest is not looked into."""
    return {"private_key": "made ssh", "public_key": "ssh-ed25519 made"} if kind == "ssh" else f"made {kind}"
