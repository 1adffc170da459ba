"""The VM's resolv.conf: our address first, the resolvers that were there after it.

Takes the file's text, gives text and resolvers; changes the file. Source: cloudfoundry/bosh-dns-release
src/bosh-dns/dns/manager/resolvconf.go (bosh-dns names itself first, too, and looks again every few seconds).
"""

from __future__ import annotations

import errno
import ipaddress
import os
from typing import List

from director.guest.system import files

PATH = "/etc/resolv.conf"
_STUB_TARGETS = ("/run/systemd/resolve/stub-resolv.conf", "/usr/lib/systemd/resolv.conf")
_BEHIND_STUB = "/run/systemd/resolve/resolv.conf"


def resolvers_of(text: str, own: str) -> List[str]:
    """The resolvers that it names, without ours and systemd's stub, which would ask us again."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and words[1] not in (own, "127.0.0.53", "127.0.0.1"):
            try:
                ipaddress.ip_address(words[1].partition("%")[0])
            except ValueError:
                continue
            found.append(words[1])
    return found


def with_own(text: str, own: str, resolvers: List[str]) -> str:
    """The text with our address as first resolver and the others after it; all other lines stay."""
    kept = [line for line in text.splitlines() if line.split()[:1] != ["nameserver"]]
    return "\n".join(["nameserver %s" % name for name in [own, *resolvers]] + kept) + "\n"


def take_over(own: str, known: List[str], *, path: str = PATH) -> List[str]:
    """Have `own` named first; gives the resolvers to ask for everything else. Twice is once.

    `known` are those found before: a file that names only us does not lose them.
    """
    is_stub = os.path.islink(path) and os.path.realpath(path) in _STUB_TARGETS
    text = _read(_BEHIND_STUB if is_stub else path)
    resolvers = resolvers_of(text, own) or known
    wanted = with_own(text, own, resolvers)
    if is_stub or wanted != text:
        _replace(path, wanted)
    return resolvers


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(1 << 16)
    except FileNotFoundError:
        return ""


def _replace(path: str, text: str) -> None:
    """As a whole; a file that is mounted there is written in place."""
    try:
        files.write_file(path, text.encode(), mode=0o644)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
