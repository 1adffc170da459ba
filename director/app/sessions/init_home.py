"""What `init` is given: the home, what is known of it, and what clouds suggest. No environment exists yet.

Takes nothing, gives a frozen value.
"""

from collections.abc import Callable, Mapping

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.json_value import JsonValue
from cpi.contract.setup import SetupCall, Suggestions
from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings
from director.ports.files import Files
from director.ports.routes import Routes

SuggestBySource = Callable[[str, str, SetupCall], Suggestions | None]
"""Plugin, source and call to what the plugin suggests; None where it has no such source. Raises CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitHome:
    """`environments` are those of the state; `connect` gives a cloud for the name and properties, to be closed.

    `put_secret` stores a value in the vault under its whole name.
    """

    settings: Settings
    user_home: str
    files: Files
    routes: Routes
    environments: frozenset[str]
    suggest: SuggestBySource
    connect: Callable[[str, Mapping[str, JsonValue]], ConnectedCloud]
    put_secret: Callable[[str, str], None]

    def path(self, *parts: str) -> str:
        """A path below the home."""
        return "/".join((self.settings.home, *parts))
