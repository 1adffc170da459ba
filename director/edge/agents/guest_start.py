"""The command that starts the guest on a VM, and puts it there first if it is not.

Takes a bundle, gives shell text. One channel and one round trip more does both: Python on the VM says "send" when the
file is missing or damaged, reads it from the same stream, checks it and becomes it.
"""

import hashlib
import shlex

from director.edge.agents.guest_bundle import GuestBundle

NO_PYTHON, TOO_OLD, SEND, REFUSED = "no-python", "too-old", "send", "refused"

_START = """
import hashlib, os, sys
name, digest, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
if sys.version_info < (3, 8):
    print("too-old %d.%d" % sys.version_info[:2]); sys.exit(0)
folder = os.path.join(os.environ.get("COMPLEAT_GUEST_BASE") or "/var/vcap", "bosh")
path = os.path.join(folder, name)
try:
    there = os.path.isfile(path) and open(path, "rb").read()
    if not there or hashlib.sha256(there).hexdigest() != digest:
        os.write(1, b"send\\n")
        data = b""
        while len(data) < size:
            part = os.read(0, min(size - len(data), 1 << 18))
            if not part: sys.exit(1)
            data += part
        if hashlib.sha256(data).hexdigest() != digest: raise OSError("it arrived damaged")
        os.makedirs(folder, exist_ok=True)
        new = "%s.%d.new" % (path, os.getpid())
        with open(new, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(new, path)
        holder = os.open(folder, os.O_RDONLY)
        os.fsync(holder)
        os.close(holder)
except OSError as error:
    print("refused %s" % error); sys.exit(0)
os.execv(sys.executable, [sys.executable, "-I", "-S", path, "serve"])
"""

_AS_ROOT = 'if [ "$(id -u)" = 0 ]; then AS=; else AS="sudo -n"; fi; '
_HAS_PYTHON = "command -v python3 >/dev/null || { echo no-python; exit 0; }; "


def serve_command(bundle: GuestBundle) -> str:
    """Shell text that ends as the guest's `serve`, after one of our words or none."""
    digest = hashlib.sha256(bundle.content).hexdigest()
    words = shlex.join(["python3", "-I", "-S", "-c", _START, bundle.file_name, digest, str(len(bundle.content))])
    return f"{_AS_ROOT}{_HAS_PYTHON}exec $AS {words}"


def guest_command(bundle: GuestBundle, *words: str) -> str:
    """Shell text that runs another of the guest's subcommands; the guest must be there."""
    path = f'"${{COMPLEAT_GUEST_BASE:-/var/vcap}}/bosh/{bundle.file_name}"'
    return f"{_AS_ROOT}exec $AS python3 -I -S {path} {shlex.join(words)}"
