"""Start the programs of `inside`: each a new interpreter, so that it has one thread and no inherited lock.

Takes a program's name and arguments, gives what it printed. Raises TransientError with its last words.
"""

import hashlib
import marshal
import os
import subprocess
import sys
from pathlib import Path

import cpi.clouds.local.inside
from cpi.contract.errors import TransientError

# The program's parameters come by stdin: argv can be read in every VM, whose processes are its forks. The shortest
# program takes 20 ms, so nothing slow is imported for all of them: no `site`, whose paths the caller sends, no JSON.
_BOOT = """
import marshal, os, sys
paths, program, arguments = marshal.load(sys.stdin.buffer)
sys.path[:0] = [path for path in paths if path not in sys.path]
code = __import__("cpi.clouds.local.inside." + program, fromlist=["main"]).main(arguments)
sys.stdout.flush(); sys.stderr.flush()
os._exit(code)
"""
_FLAGS = ("-I", "-S", "-X", "utf8")
_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
_START_S = 60.0
_ROOT = str(Path(cpi.clouds.local.inside.__file__).resolve().parents[4])


def run_program(name: str, *arguments: str) -> str:
    """Run `cpi.clouds.local.inside.NAME` until it reports that it is ready; the daemons that it starts continue."""
    paths = [_ROOT, *(path for path in sys.path if path and os.path.isabs(path))]
    parameters = marshal.dumps((paths, name, list(arguments)))
    argv = [sys.executable, *_FLAGS, "-c", _BOOT]
    try:
        done = subprocess.run(
            argv,
            input=parameters,
            capture_output=True,
            timeout=_START_S,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(name, f"It was not ready after {_START_S:.0f} s.") from error
    if done.returncode != 0:
        raise _failure(name, done.stderr.decode(errors="replace").strip()[-2000:])
    return done.stdout.decode()


def find_version() -> str:
    """A name for this very code of `inside`: a service that answers another is replaced."""
    digest = hashlib.sha256()
    for path in sorted(Path(cpi.clouds.local.inside.__file__).parent.rglob("*.py")):
        state = path.stat()
        digest.update(f"{path.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _failure(name: str, why: str) -> TransientError:
    return TransientError(
        "cloud-not-started",
        f"The local cloud's {name} did not start.",
        why=why,
        fix="Run `compleat doctor`; it checks each step and names the fix.",
    )
