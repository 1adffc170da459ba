"""Where an environment is: its clouds with account and region, for people and for machines.

Takes places, gives lines of 80 columns at most (an id is never broken), and JSON.
"""

import textwrap
from collections.abc import Sequence

from cpi.contract.values import JsonValue
from director.model import as_data, cloud_names
from director.model.report import CloudLogin, CloudPlace

_WIDTH = 80


def place_lines(environment: str, places: Sequence[CloudPlace]) -> tuple[str, ...]:
    """One sentence for a single cloud, else a line for each."""
    if len(places) == 1:
        return _wrapped(f"Environment '{environment}' on {_words(places[0])}.", indent="  ")
    lines = (_wrapped(f"  {place.name}: {_words(place)}", indent="    ") for place in places)
    return (f"Environment '{environment}' on {len(places)} clouds:", *(line for each in lines for line in each))


def login_lines(logins: Sequence[CloudLogin]) -> tuple[str, ...]:
    """A line for each cloud that needs a login."""
    named = ((cloud_names.shown_name(login.cloud) or login.plugin, login.words) for login in logins)
    return tuple(line for name, words in named for line in _wrapped(f"Login on {name}: {words}.", indent="  "))


def places_json(places: Sequence[CloudPlace]) -> list[JsonValue]:
    """Each cloud with its plugin and what tells it from others."""
    return [
        {"name": place.name, "plugin": place.plugin, "identity": as_data.encode(place.identity)} for place in places
    ]


def _words(place: CloudPlace) -> str:
    return f"{place.plugin}: {place.title}" if place.title else place.plugin


def _wrapped(text: str, *, indent: str) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))
