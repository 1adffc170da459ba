"""`compleat` as a process forked from one that has imported it: the same program, started in a tenth of the time.

Takes words and an environment, gives a process that can be killed, and what it printed.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from director.cli import command_table, main

_IMPORTED = [
    *(f"director.app.wiring.{module}" for module in ("agents", "blobs", "clouds", "records", "renderers")),
    "director.cli.door",
    *sorted({module.partition(":")[0] for module, _ in command_table.COMMANDS.values()}),
    "paramiko",
    __name__,
]
_NAMES = ("out", "err")


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """A running command. `folder` holds what it prints, until it was read."""

    process: ForkServerProcess
    folder: str

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def wait(self, timeout_s: float) -> int | None:
        """The exit code (negative: the signal that killed it); None when it still runs after that time."""
        self.process.join(timeout_s)
        return self.process.exitcode

    def read(self) -> tuple[str, str]:
        """Standard output and standard error, once; killed first if it still runs."""
        self.process.kill()
        self.process.join()
        out, err = (Path(self.folder, name).read_text() if Path(self.folder, name).exists() else "" for name in _NAMES)
        shutil.rmtree(self.folder)
        self.process.close()
        return out, err


def start(words: tuple[str, ...], env: Mapping[str, str], cwd: Path) -> Warm:
    """Start a command in a process group of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    folder = tempfile.mkdtemp(prefix="printed-")
    process = context.Process(target=_be_compleat, args=(words, dict(env), str(cwd), folder))
    process.start()
    return Warm(process=process, folder=folder)


def _be_compleat(words: tuple[str, ...], env: dict[str, str], cwd: str, folder: str) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for descriptor, name in enumerate(_NAMES, start=1):
        file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["compleat", *words]
    main.main(list(words))
