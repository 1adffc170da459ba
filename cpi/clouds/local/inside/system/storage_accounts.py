"""Storage accounts of the cloud: a folder each, and in it one for each container.

Takes and gives records; changes the state's own files alone.
"""

import contextlib
import os
from typing import Any

from cpi.clouds.local.inside.records import account_records
from cpi.clouds.local.inside.records.account_records import AccountRecord
from cpi.clouds.local.inside.system import contents
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import NotFoundError


def create_account(site: Site, order: AccountRecord) -> AccountRecord:
    """Make an account; one of this name there before is success."""
    found = account_records.load_account(site.state, order["name"]) or order
    account_records.save_account(site.state, found)
    return found


def delete_account(site: Site, arguments: dict[str, Any]) -> None:
    """Remove an account with all that is in it; absent is success."""
    name = arguments["name"]
    contents.set_aside(site, account_records.folder_path(site.state, name))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(account_records.account_path(site.state, name))


def create_container(site: Site, arguments: dict[str, Any]) -> AccountRecord:
    """Make a container, twice is once; gives its account."""
    account = account_records.load_account(site.state, arguments["account"])
    if account is None:
        raise NotFoundError(
            "landing-incomplete",
            f"The local cloud has no storage account '{arguments['account']}'.",
            why=f"Container '{arguments['container']}' is in it.",
            fix="Run `compleat up` again: it creates what is missing.",
        )
    folder = account_records.folder_path(site.state, arguments["account"], arguments["container"])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return account


def delete_container(site: Site, arguments: dict[str, Any]) -> None:
    """Remove a container with all that is in it; absent is success."""
    contents.set_aside(site, account_records.folder_path(site.state, arguments["account"], arguments["container"]))
