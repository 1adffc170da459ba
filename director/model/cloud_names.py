"""Names of clouds in an environment.

Takes nothing, gives the name of an unnamed cloud, and the type of a field that holds a name.
"""

from collections.abc import Sequence
from typing import Annotated

from director.model.former import Former

ONLY_CLOUD = "only"
"""The cloud of an environment that has one, and whose file names none."""

CloudName = Annotated[str, Former({"": ONLY_CLOUD})]
"""The name of one of the environment's clouds; before the only one had a name, "" was saved in its place."""


def shown_name(cloud: str | None) -> str:
    """The name as users see it: "" for the only cloud, which has no name, and for none."""
    return "" if cloud is None or cloud == ONLY_CLOUD else cloud


def prefix_of(cloud: str, clouds: Sequence[str]) -> str:
    """What comes before a cloud's own variables: its name, where the environment's clouds have names."""
    return "" if list(clouds) == [ONLY_CLOUD] else f"{cloud}_"
