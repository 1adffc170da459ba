"""What jobs expect of a stemcell and a stock image may lack: groups, the locale en_US.UTF-8, sudo.

Takes nothing, changes the VM; what is there already is left as it is.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import sys
from typing import List, NoReturn

from director.guest.failures import GuestError
from director.guest.system import tools, users

_GROUPS = (("admin", ""), ("bosh_sshers", "1001"), ("bosh_sudoers", "1002"))
"""Groups of a stemcell beside those of every Linux, with their numbers there."""
_GROUPS_OF_VCAP = [
    "adm",
    "dialout",
    "cdrom",
    "floppy",
    "sudo",
    "audio",
    "dip",
    "video",
    "plugdev",
    "admin",
    "bosh_sshers",
]
_LOCALE = "/usr/lib/locale/en_US.utf8"


def create_groups() -> None:
    """Have the groups, and vcap in those that there are."""
    if shutil.which("groupadd") is None or shutil.which("usermod") is None:
        return
    known = {group.gr_name: group for group in grp.getgrall()}
    for name, number in _GROUPS:
        if name not in known:
            tools.failure_of(["groupadd", "-r", name] if not number else ["groupadd", "-g", number, name])
    known = {group.gr_name: group for group in grp.getgrall()}
    missing = [name for name in _GROUPS_OF_VCAP if name in known and "vcap" not in known[name].gr_mem]
    if missing and _has_vcap():
        tools.failure_of(["usermod", "-a", "-G", ",".join(missing), "vcap"])


def ensure_locale() -> str:
    """Have en_US.UTF-8; why it cannot be had, "" when it is there."""
    if os.path.exists(_LOCALE) or "en_US.utf8" in tools.answer_of(["locale", "-a"]).split():
        return ""
    return tools.failure_of(["localedef", "--no-archive", "-i", "en_US", "-f", "UTF-8", _LOCALE])


def main(words: List[str]) -> int:
    """The subcommand `sudo`, for scripts on an image without it; comes back only with an error."""
    try:
        _be_other_user(words[1:])
    except GuestError as error:
        print("sudo: %s" % error.what, file=sys.stderr)
        return 1


def _be_other_user(words: List[str]) -> NoReturn:
    user, rest = _split(words)
    if os.getuid() != 0:
        raise GuestError("not-root", "this image has no sudo, and only root may use the one of the guest")
    while rest and "=" in rest[0].partition("/")[0]:
        name, _, value = rest.pop(0).partition("=")
        os.environ[name] = value
    if not rest:
        raise GuestError("bad-usage", "use sudo [-u USER] [NAME=VALUE] COMMAND...")
    command = users.as_user(rest, user=user)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise GuestError("command-not-runnable", "%s: %s" % (rest[0], error.strerror)) from error


def _split(words: List[str]) -> "tuple[str, List[str]]":
    """The user, and what follows the options; those that choose no user mean nothing to root."""
    user = ""
    waiting = list(words)
    while waiting and waiting[0].startswith("-"):
        word = waiting.pop(0)
        if word == "--":
            break
        if word in ("-u", "--user") and waiting:
            user = waiting.pop(0)
        elif word.startswith("--user="):
            user = word[len("--user=") :]
    return user, waiting


def _has_vcap() -> bool:
    try:
        pwd.getpwnam("vcap")
    except KeyError:
        return False
    return True
