"""Storage accounts in the local cloud's state: accounts/NAME.json, and accounts/NAME with a folder for each container.

Takes a state directory and records, gives records; how they are written is in records.
"""

import os
from typing import TypedDict
from urllib.parse import quote

from cpi.clouds.local.inside.records import records

DIRECTORY = "accounts"


class AccountRecord(TypedDict):
    """Users of this machine write into its folder."""

    name: str
    owner: records.OwnerRecord
    tags: dict[str, str]


def load_account(state: str, name: str) -> AccountRecord | None:
    """None for one whose record is damaged, too: it is made again around its folder."""
    return records.load_whole(account_path(state, name), AccountRecord)


def list_accounts(state: str) -> list[AccountRecord]:
    """All but those whose record is damaged."""
    try:
        found = sorted(name for name in os.listdir(f"{state}/{DIRECTORY}") if name.endswith(".json"))
    except FileNotFoundError:  # a cloud that an earlier version built
        return []
    loaded = (records.load_whole(f"{state}/{DIRECTORY}/{name}", AccountRecord) for name in found)
    return [record for record in loaded if record is not None]


def list_containers(state: str, account: str) -> list[str]:
    """The names of an account's containers."""
    folder = folder_path(state, account)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(name for name in names if os.path.isdir(f"{folder}/{name}"))


def save_account(state: str, account: AccountRecord) -> None:
    os.makedirs(folder_path(state, account["name"]), mode=0o700, exist_ok=True)
    records.save(account_path(state, account["name"]), account)


def account_path(state: str, name: str) -> str:
    """The path of an account's record; any name makes one safe file name."""
    return f"{state}/{DIRECTORY}/{quote(name, safe='')}.json"


def folder_path(state: str, account: str, container: str = "") -> str:
    """The folder of an account, or of a container in it."""
    folder = f"{state}/{DIRECTORY}/{quote(account, safe='')}"
    return f"{folder}/{quote(container, safe='')}" if container else folder
