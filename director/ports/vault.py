"""Secrets by name.

Takes names, gives values only to the step that needs them.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from cpi.contract.values import JsonValue
from director.model.ca_transition import CertificateFacts, SecretChange
from director.model.environments.desired import VariableSpec
from director.model.environments.state import SecretRecord


class Vault(Protocol):
    """Safe to call from many threads. Names are whole: "/environment/deployment/variable"."""

    def make_secret(
        self, variable: VariableSpec, *, version: int = 1, change: SecretChange = SecretChange.GENERATE
    ) -> None:
        """Generate it with BOSH's options for its type unless that version or a later one is there; twice is once.

        Another `change` makes that version of the value that is there, and keeps it where the change does not apply.
        Types: password, ssh, rsa, certificate, user. Raises InputError: unknown-variable-type, unknown-variable-option,
        missing-ca.
        """

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        """A value of its type and options as `make_secret` would generate it, stored nowhere and used for nothing.

        Raises InputError: unknown-variable-type, bad-variable-option.
        """

    def put_secret(self, name: str, value: JsonValue) -> None:
        """Set it, whatever it was; its version grows by one."""

    def restore_ssh_key(self, name: str, *, private_key: str, public_key: str) -> bool:
        """Store a lost login as `make_secret` made it, if `public_key` is the other half of `private_key`.

        Nothing is stored over a secret that is there. Gives whether there is one now.
        """

    def get_secret(self, name: str) -> JsonValue:
        """The value. Raises StateError, code `secret-missing`."""

    def forget_secrets(self, prefix: str) -> None:
        """Remove all whose name begins with `prefix`."""

    def forget_secret(self, name: str) -> None:
        """Remove this one; absent is fine."""

    def retire_secret(self, name: str) -> None:
        """Keep the value that it has now under `retired_secrets.retired_name`, in the place of a former one.

        `list_secrets` leaves it out, `forget_secrets` removes it. Nothing is done for a secret that does not exist.
        """

    def retired_secrets(self, prefix: str) -> tuple[str, ...]:
        """The names that begin with `prefix` of secrets with a retired value, sorted; without the suffix."""

    def differing_from(self, pairs: Mapping[str, str]) -> frozenset[str]:
        """The keys of `pairs` whose value is another one than that of the secret that they map to.

        Secrets that do not exist or cannot be opened differ from none.
        """

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        """The version of each: 1, plus one for each regeneration; those that do not exist are left out."""

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        """How the value says it was generated, with `variable`'s options where it says nothing else.

        None where there is no such secret, it cannot be opened, or nothing is known of its kind.
        """

    def describe_certificates(self, names: Iterable[str]) -> Mapping[str, CertificateFacts]:
        """Those of the secrets that are certificates and can be read, by name."""

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        """The names that begin with `prefix`, sorted."""

    def damaged_files(self) -> tuple[str, ...]:
        """The paths of files whose secret is unknown; `list_secrets` leaves those secrets out."""
