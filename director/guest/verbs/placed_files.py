"""The verb put_file: one file placed anywhere on the VM.

Takes an absolute path ("~user/..." counts), content, mode and owner, gives the file, written whole or not at all.
"""

from __future__ import annotations

import os
import shutil
from typing import Any, Dict

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.system import files


def put_file(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """Folders that are missing are made, of the same owner. Raises unknown-user, unsafe-name."""
    path = os.path.expanduser(arguments.text("path"))
    mode = int(arguments.text("mode", "0600"), 8)
    owner = arguments.text("owner", "")
    if not os.path.isabs(path):
        raise GuestError("unsafe-name", "The path %r is not absolute, or its user is unknown." % path)
    content = arguments.content("content_base64")
    _make_folder(os.path.dirname(path), owner)
    files.write_file(path, content, mode=mode & 0o7777 & ~0o6000)
    _give(path, owner)
    return {"path": path}


def _make_folder(folder: str, owner: str) -> None:
    if not os.path.isdir(folder):
        _make_folder(os.path.dirname(folder), owner)
        os.mkdir(folder, 0o755)
        _give(folder, owner)


def _give(path: str, owner: str) -> None:
    if not owner:
        return
    user, _, group = owner.partition(":")
    try:
        shutil.chown(path, user or None, group or user)
    except LookupError as error:
        raise GuestError("unknown-user", "The owner '%s' does not exist on this VM." % owner, why=str(error)) from error
