"""What `leftovers` is given: the home, and a session for each place that an environment of it is or was at.

Takes nothing, gives a frozen value.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from cpi.contract.value_classes import dataclass
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.model.ids import EnvironmentName
from director.model.leftovers import UsedPlace
from director.ports.configs import Configs
from director.ports.files import Files
from director.ports.state_store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoversHome:
    """`open_present` opens an environment as its file has it now, `open_place` one of the places where it was.

    Both raise what opening a session raises; clouds are connected when they are first used.
    """

    settings: Settings
    files: Files
    store: StateStore
    configs: Configs
    open_present: Callable[[EnvironmentName], AbstractContextManager[Session]]
    open_place: Callable[[UsedPlace], AbstractContextManager[Session]]
