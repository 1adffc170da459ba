"""Release repositories: cloned, and asked for their commit, by the git program of this machine.

Takes URLs and directories, gives directories and commits.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from director.edge.downloads import downloads
from director.errors import InputError
from director.model.releases.packed_release import Commit

_PROTOCOLS = "https:http:ssh:git:file"
_CLONE_TIMEOUT_S = 1800.0
_ASK_TIMEOUT_S = 60.0
_LAST_CHARS = 600


class GitProgram:
    """`environment` is what git sees; its PATH says where git is looked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS}

    def clone(self, url: str, folder: Path) -> None:
        """Clone one commit, with its submodules, into the empty folder.

        URL@REF is that branch, tag or commit; without it the newest commit. Raises InputError: git-absent,
        git-clone-failed.
        """
        git = self._find()
        if git is None:
            raise InputError(
                "git-absent",
                "A release in a git repository needs the program git, which this machine does not have.",
                why="No git is on the PATH.",
                fix="Install git, or clone the repository elsewhere and name the directory.",
            )
        place, ref = read_git_url(url)
        here = ["-C", str(folder)]
        for words in (
            ["init", "--quiet", str(folder)],
            [*here, "fetch", "--quiet", "--depth", "1", "--", place, ref or "HEAD"],
            [*here, "checkout", "--quiet", "FETCH_HEAD"],
            [*here, "submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"],
        ):
            self._require(git, words, place)

    def _require(self, git: str, words: list[str], url: str) -> None:
        try:
            done = self._run(git, words, timeout_s=_CLONE_TIMEOUT_S)
        except subprocess.TimeoutExpired as error:
            raise _clone_failed(url, f"It did not end within {_CLONE_TIMEOUT_S:.0f} s") from error
        if done.returncode:
            output = " ".join(done.stderr.decode(errors="replace").split())
            raise _clone_failed(url, output.replace(url, downloads.shown(url))[-_LAST_CHARS:] or "It gave no reason")

    def commit_of(self, directory: Path) -> Commit:
        """The directory's commit, and whether its files differ from it; Commit() outside git."""
        git = self._find()
        if git is None or not _is_in_repository(directory):
            return Commit()
        ask = ["-C", str(directory), "-c", "core.fsmonitor=false"]
        try:
            head = self._run(git, [*ask, "rev-parse", "--short", "HEAD"], timeout_s=_ASK_TIMEOUT_S)
            changes = self._run(git, [*ask, "status", "--porcelain", "."], timeout_s=_ASK_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return Commit()
        if changes.returncode:
            return Commit()
        word = head.stdout.decode(errors="replace").strip() if not head.returncode else "empty"
        return Commit(hash=word, has_changes=bool(changes.stdout.strip()))

    def _find(self) -> str | None:
        return shutil.which("git", path=self._environment.get("PATH", os.defpath))

    def _run(self, git: str, words: list[str], *, timeout_s: float) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [git, *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )


def read_git_url(url: str) -> tuple[str, str]:
    """The repository of URL@REF, and the ref, "" without one. A user before the host is none."""
    scheme, found, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    repository, at, ref = path.rpartition("@")
    if not (found and at):
        return url, ""
    return f"{scheme}://{host}{slash}{repository}", ref


def _is_in_repository(directory: Path) -> bool:
    return any((folder / ".git").exists() for folder in (directory, *directory.absolute().parents))


def _clone_failed(url: str, why: str) -> InputError:
    return InputError(
        "git-clone-failed",
        f"The repository {downloads.shown(url)} could not be cloned.",
        why=f"{why}.",
        fix="Check the URL, the network and your access, or clone it elsewhere and name the directory.",
    )
