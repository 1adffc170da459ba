"""What the process of a page is asked to show, as the command wrote it on its standard input.

Takes JSON, gives a frozen value.
"""

from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from director.app.sessions.settings import Settings
from director.model.ids import EnvironmentName


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOrder:
    """`task` is its number, None for the newest. With `is_following` a newer task replaces one that is over."""

    settings: Settings
    socket: int
    token: str
    task: int | None
    is_following: bool


def read_order(data: Mapping[str, object]) -> PageOrder:
    """Raises KeyError and ValueError for what no command writes."""
    task = data["task"]
    settings = Settings(
        home=str(data["home"]), environment=EnvironmentName(str(data["environment"])), program=str(data["program"])
    )
    return PageOrder(
        settings=settings,
        socket=int(str(data["socket"])),
        token=str(data["token"]),
        task=int(str(task)) if task is not None else None,
        is_following=bool(data["is_following"]),
    )
