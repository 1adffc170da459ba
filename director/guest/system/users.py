"""Other users: commands run as them.

Takes commands and user names, gives commands, or becomes that user.
"""

from __future__ import annotations

import ctypes
import grp
import os
import pwd
import sys
from typing import List, NoReturn, Sequence, Tuple

from director.guest.failures import GuestError

_CLONE_NEWUSER = 0x10000000


def as_user(command: Sequence[str], *, user: str = "", group: str = "") -> List[str]:
    """The command that runs `command` as that user; as it is for root."""
    if user in ("", "root", "0") and group in ("", "root", "0"):
        return list(command)
    who = (user or "root") + (":" + group if group else "")
    return [sys.executable, "-I", "-S", os.path.abspath(sys.argv[0]), "chpst", "-u", who, *command]


def main(words: List[str]) -> int:
    """The subcommand `chpst`; comes back only with an error."""
    try:
        _run_as(words[1:])
    except GuestError as error:
        print(error.what, error.why, file=sys.stderr)
        return 111  # as chpst(8) does


def _run_as(arguments: Sequence[str]) -> NoReturn:
    """Be `chpst -u user[:group] command...`: become that user and run the command in this process's place."""
    if len(arguments) < 3 or arguments[0] not in ("-u", "-U"):
        raise GuestError("bad-usage", "chpst: use chpst -u USER[:GROUP] COMMAND...")
    user, _, group = arguments[1].partition(":")
    uid, gid, home = look_up(user, group)
    os.setgroups(_groups_of(user, gid))
    os.setgid(gid)
    os.setuid(uid)
    if uid != 0 and os.getuid() == 0:
        enter_namespace(uid, gid)
    if home:
        os.environ.update(HOME=home, USER=user, LOGNAME=user)
    try:
        os.execvp(arguments[2], list(arguments[2:]))
    except OSError as error:
        raise GuestError("command-not-runnable", "chpst: %s: %s" % (arguments[2], error.strerror)) from error


def look_up(user: str, group: str) -> Tuple[int, int, str]:
    """Numbers and home of a user and a group, "" for the user's own. Raises unknown-user."""
    try:
        if user.isdigit():
            uid, gid, home = int(user), int(user), ""
        else:
            entry = pwd.getpwnam(user)
            uid, gid, home = entry.pw_uid, entry.pw_gid, entry.pw_dir
        if group:
            gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise GuestError("unknown-user", "chpst: %s" % error.args[0]) from error
    return uid, gid, home


def _groups_of(user: str, gid: int) -> List[int]:
    return [gid] if user.isdigit() else os.getgrouplist(user, gid)


def enter_namespace(uid: int, gid: int) -> None:
    """Where this machine has one id only and setuid is faked, look like `uid` all the same.

    Programs that refuse to run as root (PostgreSQL) ask getuid afterwards; in a user namespace that maps `uid` to
    our only id, they see what they want, and files they make look like that user's.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise GuestError("no-user-namespace", "chpst: cannot become uid %d: %s" % (uid, os.strerror(number)))
    for name, text in (("setgroups", "deny"), ("uid_map", "%d 0 1" % uid), ("gid_map", "%d 0 1" % gid)):
        with open("/proc/self/" + name, "w", encoding="ascii") as stream:
            stream.write(text)
