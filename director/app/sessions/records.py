"""What a home remembers: deployments, tasks, secrets. No cloud, no VM.

Takes nothing, gives a frozen value that use cases are given which only look.
"""

from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings
from director.errors import InputError
from director.ports.events import EventLog
from director.ports.journal import Journal
from director.ports.state_store import StateStore
from director.ports.tasks import Tasks
from director.ports.vault import Vault
from director.text import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    settings: Settings
    store: StateStore
    journal: Journal
    tasks: Tasks
    events: EventLog

    def require_environment(self) -> None:
        """Raise InputError, code `environment-missing`, where the environment is not there."""
        if self.settings.environment not in self.store.list_environments():
            raise environment_missing(self.settings, self.store)

    def require_history(self) -> None:
        """The same where the environment never was: tasks of one that was removed stay readable."""
        if not self.tasks.list_tasks(self.settings.environment, limit=1):
            self.require_environment()

    def require_history_or_empty_home(self) -> None:
        """The same, but a home without environments has empty lists: there is none that could have been meant."""
        if self.store.list_environments():
            self.require_history()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHistory(History):
    """The same with the secrets."""

    vault: Vault


def environment_missing(settings: Settings, store: StateStore) -> InputError:
    """What to say when nothing is known of the environment."""
    known = store.list_environments()
    near = nearest.nearest_word(settings.environment, known)
    build = f"Build it with `compleat up -e {settings.environment}`, or name another with -e."
    return InputError(
        "environment-missing",
        f"Environment '{settings.environment}' does not exist.",
        why=f"Known environments: {', '.join(known) or 'none yet'}.",
        fix=f"Did you mean '{near}'? {build}" if near else build,
    )
