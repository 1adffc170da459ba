"""A guest served by a process of its own over pipes, with a base directory of its own.

Takes a folder, gives verbs to call; `close` ends the guest and the supervisor that it left behind.
"""

import base64
import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from director.edge.agents import guest_bundle

PYTHON = os.environ.get("COMPLEAT_GUEST_PYTHON", sys.executable)
"""What runs the guest: this interpreter, or the one that tests/interpreters.py tries."""

BUNDLE = guest_bundle.build_guest(guest_bundle.guest_folder())
PYTHON = os.environ.get("COMPLEAT_GUEST_PYTHON", sys.executable)
"""What VMs run the guest with: any from 3.8 on, older than what the director needs."""


class VerbError(Exception):
    """A verb's error reply."""

    def __init__(self, error: Mapping[str, str]) -> None:
        super().__init__(error)
        self.code, self.what, self.why, self.output = error["code"], error["what"], error["why"], error["output"]


@dataclass
class GuestProcess:
    folder: Path
    wrapper: tuple[str, ...] = ()
    count: int = 0
    replies: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def base(self) -> Path:
        return self.folder / "vcap"

    @property
    def program(self) -> Path:
        return self.base / "bosh" / BUNDLE.file_name

    @property
    def environment(self) -> dict[str, str]:
        return {"COMPLEAT_GUEST_BASE": str(self.base), "PATH": os.environ["PATH"], "LEAK": "must not get through"}

    def start(self) -> "GuestProcess":
        self.program.parent.mkdir(parents=True, exist_ok=True)
        self.program.write_bytes(BUNDLE.content)
        self._process = subprocess.Popen(
            [*self.wrapper, PYTHON, "-I", "-S", str(self.program), "serve"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._read_until("")
        return self

    def send(self, verb: str, **arguments: object) -> str:
        """Ask without waiting; gives the call's id."""
        self.count += 1
        self.write({"id": str(self.count), "verb": verb, "arguments": arguments})
        return str(self.count)

    def write(self, request: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def wait(self, identity: str) -> Any:
        """The value, or VerbError; progress is left in `replies`."""
        reply = self._read_until(identity)
        if "error" in reply:
            raise VerbError(reply["error"])
        return reply["value"]

    def call(self, verb: str, **arguments: object) -> Any:
        return self.wait(self.send(verb, **arguments))

    def progress(self, identity: str) -> list[str]:
        return [reply["progress"] for reply in self.replies if reply["id"] == identity and "progress" in reply]

    def apply(self, jobs: Mapping[str, Mapping[str, str]], **spec: object) -> None:
        """Install jobs from the texts of their files."""
        files = {job: {path: rendered(text) for path, text in texts.items()} for job, texts in jobs.items()}
        whole = {"configuration_hash": "x", "jobs": list(jobs), "packages": [], **spec}
        assert self.call("apply", spec=whole, files=files) == "applied"

    def put_archive(self, **files: str) -> str:
        """Send a package of these files; gives its digest."""
        content, digest = archive_of(**files)
        assert self.put_blob(content, digest) in ("send\ndone\n", "have\n")
        return digest

    def put_blob(self, content: bytes, digest: str) -> str:
        done = self.run("put-blob", digest, stdin=content)
        return done.stdout.decode()

    def run(self, *words: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        command = [PYTHON, "-I", "-S", str(self.program), *words]
        return subprocess.run(command, env=self.environment, input=stdin, capture_output=True, check=False)

    def supervisor(self) -> int:
        """The supervisor's pid, read from where the kernel keeps locks; 0 when there is none."""
        lock = self.base / "monit" / "supervisor.lock"
        if not lock.exists():
            return 0
        inode = f":{lock.stat().st_ino}"
        for line in Path("/proc/locks").read_text().splitlines():
            words = line.split()
            if words[1] == "POSIX" and words[5].endswith(inode):
                return int(words[4])
        return 0

    def hang_up(self) -> int:
        """End the input, as when the director dies; gives the exit code."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        code = self._process.wait(20)
        self._process.stdout.close()
        return code

    def close(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(VerbError):  # the test looks at what it cares about; here things must only end
                self.call("stop", timeout_s=5)
            self.hang_up()
        if pid := self.supervisor():
            os.kill(pid, signal.SIGTERM)
            until(lambda: self.supervisor() == 0)

    def _read_until(self, identity: str) -> Mapping[str, Any]:
        """The last reply to a call; replies to other calls are kept for their callers."""
        while True:
            for number, reply in enumerate(self.replies):
                if reply["id"] == identity and "progress" not in reply:
                    return self.replies.pop(number)
            assert self._process.stdout
            line = self._process.stdout.readline()
            assert line, "the guest ended"
            self.replies.append(json.loads(line))


def archive_of(**files: str) -> tuple[bytes, str]:
    """A tar of these files, and its digest."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue(), "sha256:" + hashlib.sha256(stream.getvalue()).hexdigest()


def until(is_so: Callable[[], object], *, seconds: float = 20) -> float:
    """Wait until it is so; gives how long that took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def rendered(text: str, *, is_executable: bool = False) -> dict[str, object]:
    return {"content_base64": base64.b64encode(text.encode()).decode(), "is_executable": is_executable}
