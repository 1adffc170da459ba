"""The program's subcommands.

Takes arguments and streams of the process, gives an exit code.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from typing import List

from director.guest import boot, serve
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout, create_layout, layout_of, version_of
from director.guest.packages import blobs
from director.guest.supervise import control_files, supervise
from director.guest.system.scripts import Scripts

_USAGE = "Use: serve | boot | supervise | summary | put-blob SHA256 | get-blob SHA256 | fetch-blobs | chpst"


def main(words: List[str]) -> int:
    layout = layout_of(os.environ)
    try:
        return _run(layout, words)
    except GuestError as error:
        print("%s: %s %s" % (error.code, error.what, error.why), file=sys.stderr)
        return 1


def _run(layout: Layout, words: List[str]) -> int:
    name, rest = (words[0], words[1:]) if words else ("", [])
    os.umask(0o022)
    if name == "serve":
        _serve(_guest(layout))
    elif name == "boot":
        boot.prepare_vm(_guest(layout))
    elif name == "put-blob" and len(rest) == 1:
        _put_blob(layout, rest[0])
    elif name == "get-blob" and len(rest) == 1:
        with open(blobs.need_blob(layout, rest[0]), "rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer, 1 << 20)
    elif name == "summary":
        print("\n".join(supervise.summary(layout)))
    else:
        raise GuestError("bad-usage", _USAGE)
    return 0


def _guest(layout: Layout) -> Guest:
    program = os.path.abspath(sys.argv[0])
    return Guest(layout, Scripts(), program, version_of(program), threading.Lock())


def _serve(guest: Guest) -> None:
    """The replies get the real standard output; nothing else may write there."""
    create_layout(guest.layout)
    if not control_files.supervisor_pid(guest.layout):
        guest = guest._replace(spare=supervise.Spare(guest.layout, guest.version))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    boot.prepare_vm(guest)
    with open(guest.layout.path("bosh", "log", "serve.log"), "ab") as log:
        os.dup2(log.fileno(), 2)
    serve.serve_verbs(guest, sys.stdin.buffer, replies)
    os._exit(0)  # threads of verbs that are being ended must not hold us up


def _put_blob(layout: Layout, digest: str) -> None:
    """Say whether we have it already ("have"); only if not ("send"), read it."""
    create_layout(layout)
    has_it = os.path.exists(blobs.blob_path(layout, digest))
    sys.stdout.write("have\n" if has_it else "send\n")
    sys.stdout.flush()
    if not has_it:
        blobs.save_blob(layout, sys.stdin.buffer, digest=digest)
        print("done")
