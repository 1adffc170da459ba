"""What `init` needs, opened.

Takes settings, gives an InitHome, and closes what was opened.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cpi import plugins
from cpi.contract import error_origins
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.json_value import JsonValue
from cpi.contract.setup import SetupCall, Suggestions
from director.app.sessions.init_home import InitHome
from director.app.sessions.settings import Settings
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import open_store
from director.app.wiring.routes import open_routes
from director.app.wiring.vaults import open_vault


@contextmanager
def open_init_home(settings: Settings, *, user_home: str) -> Iterator[InitHome]:
    """Open the home. Raises InputError: home-denied, home-not-a-folder, and the codes of the state store."""
    with Home(settings) as home:
        store = home.part(open_store)

        def connect(plugin: str, properties: Mapping[str, JsonValue]) -> ConnectedCloud:
            folder = Path(settings.home) / "environments" / settings.environment / "clouds" / "only"
            asked = ConnectSettings(environment="init", state_dir=str(folder), properties=properties)
            return plugins.connect(plugin, asked)

        yield InitHome(
            settings=settings,
            user_home=user_home,
            files=home.part(open_files),
            routes=home.part(open_routes),
            environments=frozenset(store.list_environments()),
            suggest=_suggest,
            connect=connect,
            put_secret=lambda name, value: home.part(open_vault).put_secret(name, value),
        )


def _suggest(plugin: str, source: str, call: SetupCall) -> Suggestions | None:
    with error_origins.from_cloud(plugin):
        found = plugins.find_suggest(plugin, source)
        return found(call) if found else None
