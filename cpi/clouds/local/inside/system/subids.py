"""The subordinate ids an ordinary user was given in /etc/subuid and /etc/subgid.

Takes "uid" or "gid", gives the first range of the calling user, None without one.
"""

import os
import pwd


def find_range(kind: str) -> range | None:
    """The range of the calling user; `kind` is "uid" or "gid"."""
    try:
        with open(f"/etc/sub{kind}", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    mine = {str(os.getuid()), _own_name()}
    for line in lines:
        parts = line.strip().split(":")
        if len(parts) == 3 and parts[0] in mine and parts[1].isdigit() and parts[2].isdigit():
            return range(int(parts[1]), int(parts[1]) + int(parts[2]))
    return None


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
