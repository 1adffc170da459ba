"""The vault, and the one that knows which secrets could show up in texts.

Takes a Home, gives a Vault; the second also takes known secrets out of texts.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from cpi.contract.values import JsonValue
from director.app.sessions.records import SecretHistory
from director.app.sessions.settings import Settings, check_environment
from director.app.wiring import records
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.secrets.vault_dir import VaultDir
from director.errors import StateError
from director.model import retired_secrets
from director.model.ca_transition import CertificateFacts, SecretChange
from director.model.environments.desired import VariableSpec
from director.model.environments.state import SecretRecord
from director.ports.vault import Vault
from director.report.redact import Redactor

WITHHELD = "<withheld: a secret of the vault cannot be opened, so this text cannot be checked for it>"


@contextmanager
def open_secret_history(settings: Settings) -> Iterator[SecretHistory]:
    """Open what the home remembers, with its secrets. Raises what records.open_history raises."""
    check_environment(settings)
    with Home(settings) as home:
        yield SecretHistory(
            settings=settings,
            store=home.part(records.open_store),
            journal=home.part(records.open_journal),
            tasks=home.part(records.open_tasks),
            events=home.part(records.open_events),
            vault=home.part(open_vault),
        )


def open_vault(home: Home) -> Vault:
    """The vault with its key."""
    folder = home.part(open_folder)
    return VaultDir(folder / "vault", folder / "vault.key")


class RememberingVault:
    """A Vault that knows which values could show up in texts: all of the environment, and what was asked since."""

    def __init__(self, vault: Vault, prefix: str) -> None:
        self._vault = vault
        self._prefix = prefix
        self._lock = threading.Lock()
        self._values: dict[str, JsonValue] = {}
        self._redactor: Redactor | None = None

    def redact(self, text: str) -> str:
        """The text with every known secret hidden; WITHHELD while one of them cannot be opened."""
        with self._lock:
            try:
                redactor = self._redactor or self._whole_redactor()
            except StateError:
                return WITHHELD if text.strip() else text
            self._redactor = redactor
            return redactor.redact(text)

    def restore_ssh_key(self, name: str, *, private_key: str, public_key: str) -> bool:
        is_there = self._vault.restore_ssh_key(name, private_key=private_key, public_key=public_key)
        self._forget_pattern()
        return is_there

    def get_secret(self, name: str) -> JsonValue:
        value = self._vault.get_secret(name)
        with self._lock:
            if self._values.get(name) != value:
                self._values[name] = value
                self._redactor = None
        return value

    def make_secret(
        self, variable: VariableSpec, *, version: int = 1, change: SecretChange = SecretChange.GENERATE
    ) -> None:
        self._vault.make_secret(variable, version=version, change=change)
        self._forget_pattern()

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        return self._vault.sample_secret(variable)

    def put_secret(self, name: str, value: JsonValue) -> None:
        self._vault.put_secret(name, value)
        self._forget_pattern()

    def forget_secrets(self, prefix: str) -> None:
        self._vault.forget_secrets(prefix)

    def forget_secret(self, name: str) -> None:
        self._vault.forget_secret(name)

    def retire_secret(self, name: str) -> None:
        self._vault.retire_secret(name)
        self._forget_pattern()

    def retired_secrets(self, prefix: str) -> tuple[str, ...]:
        return self._vault.retired_secrets(prefix)

    def differing_from(self, pairs: Mapping[str, str]) -> frozenset[str]:
        return self._vault.differing_from(pairs)

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        return self._vault.secret_versions(names)

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        return self._vault.shown_options(variable)

    def describe_certificates(self, names: Iterable[str]) -> Mapping[str, CertificateFacts]:
        return self._vault.describe_certificates(names)

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        return self._vault.list_secrets(prefix)

    def _whole_redactor(self) -> Redactor:
        retired = map(retired_secrets.retired_name, self._vault.retired_secrets(self._prefix))
        stored = (*self._vault.list_secrets(self._prefix), *retired)
        self._values.update({name: self._vault.get_secret(name) for name in stored if name not in self._values})
        return Redactor(self._values.values())

    def damaged_files(self) -> tuple[str, ...]:
        return self._vault.damaged_files()

    def _forget_pattern(self) -> None:
        with self._lock:
            self._redactor = None


def open_known_vault(home: Home) -> RememberingVault:
    """The vault that knows which secrets could show up in what agents say."""
    return RememberingVault(home.part(open_vault), f"/{home.settings.environment}/")
