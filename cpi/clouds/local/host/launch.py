"""Start the programs of `inside`: each a new interpreter, so that it has one thread and no inherited lock.

Takes a program's name and arguments, gives what it printed. Raises TransientError with its last words.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cpi.clouds.local.inside
from cpi.contract.errors import TransientError

# The program's parameters come by stdin: argv can be read in every VM, whose processes are its forks.
_BOOT = """
import json, sys
told = json.load(sys.stdin)
sys.path[:0] = [path for path in told["paths"] if path not in sys.path]
import importlib
sys.exit(importlib.import_module("cpi.clouds.local.inside." + told["program"]).main(told["arguments"]))
"""
_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
_START_S = 60.0
_ROOT = str(Path(cpi.clouds.local.inside.__file__).resolve().parents[4])


def run_program(name: str, *arguments: str) -> str:
    """Run `cpi.clouds.local.inside.NAME` until it reports that it is ready; the daemons that it starts continue."""
    paths = [_ROOT, *(path for path in sys.path if path and os.path.isabs(path))]
    answer = json.dumps({"paths": paths, "program": name, "arguments": arguments})
    argv = [sys.executable, "-I", "-X", "utf8", "-c", _BOOT]
    try:
        done = subprocess.run(
            argv,
            input=answer,
            capture_output=True,
            timeout=_START_S,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            text=True,
        )
    except subprocess.TimeoutExpired as error:
        raise _failure(name, f"It was not ready after {_START_S:.0f} s.") from error
    if done.returncode != 0:
        raise _failure(name, done.stderr.strip()[-2000:])
    return done.stdout


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
