"""Files and folders to a VM and from there, by SFTP.

Takes a client and two paths, copies. A VM is not trusted: the names in its folders are checked before they become
paths on this machine, links to folders are not followed, and depth and number of files are bounded.
"""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import paramiko

from director.errors import AgentError, InputError

_DEEPEST = 64
_MOST_FILES = 100_000
_MODE = 0o777


def send(files: paramiko.SFTPClient, *, local: Path, remote: str, is_recursive: bool) -> None:
    """Copy a file, its mode kept; with `is_recursive` also a folder: into `remote` if that exists, else as `remote`.

    Raises InputError, code `copy-of-folder`; OSError.
    """
    if not local.is_dir():
        _put(files, local, remote)
        return
    if not is_recursive:
        raise _folder(str(local))
    _send_folder(files, local, f"{remote.rstrip('/')}/{local.resolve().name}" if _is_folder(files, remote) else remote)


def fetch(files: paramiko.SFTPClient, *, remote: str, local: Path, is_recursive: bool) -> None:
    """Copy a file; with `is_recursive` also a folder. A folder as `local` keeps the name.

    Raises InputError, code `copy-of-folder`; AgentError, code `copy-refused`; OSError.
    """
    place = local / Path(remote.rstrip("/")).name if local.is_dir() else local
    if not _is_folder(files, remote):
        _get(files, remote, place)
        return
    if not is_recursive:
        raise _folder(remote)
    for number, (source, target, is_folder) in enumerate(_walk(files, remote.rstrip("/") or "/", place, depth=0)):
        if number >= _MOST_FILES:
            raise _refused(remote, f"It has more than {_MOST_FILES} files.")
        if is_folder:
            target.mkdir(mode=0o700, exist_ok=True)
        else:
            _get(files, source, target)


def _walk(files: paramiko.SFTPClient, remote: str, local: Path, *, depth: int) -> Iterator[tuple[str, Path, bool]]:
    """Each folder before what is in it."""
    if depth > _DEEPEST:
        raise _refused(remote, f"Its folders are nested more than {_DEEPEST} deep.")
    yield remote, local, True
    # The whole list before the next request: paramiko asks for more of it ahead, and mixes up the answers.
    entries = list(islice(files.listdir_iter(remote), _MOST_FILES + 1))
    if len(entries) > _MOST_FILES:
        raise _refused(remote, f"It has more than {_MOST_FILES} files.")
    for entry in entries:
        name, mode = entry.filename, entry.st_mode or 0
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise _refused(remote, f"It lists a file called {name!a}.")
        source = f"{remote.rstrip('/')}/{name}"
        if stat.S_ISDIR(mode):
            yield from _walk(files, source, local / name, depth=depth + 1)
        elif stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and _is_file(files, source)):
            yield source, local / name, False


def _send_folder(files: paramiko.SFTPClient, local: Path, remote: str) -> None:
    for folder, _, names in os.walk(local):
        there = os.path.normpath(f"{remote}/{Path(folder).relative_to(local)}")
        if not _is_folder(files, there):
            files.mkdir(there, Path(folder).stat().st_mode & _MODE)
        for name in sorted(names):
            if (Path(folder) / name).is_file():
                _put(files, Path(folder) / name, f"{there}/{name}")


def _put(files: paramiko.SFTPClient, local: Path, remote: str) -> None:
    files.put(str(local), remote)
    files.chmod(remote, local.stat().st_mode & _MODE)


def _get(files: paramiko.SFTPClient, remote: str, local: Path) -> None:
    """A link of this machine in the place of the file is replaced, not followed."""
    if local.is_symlink():
        local.unlink()
    files.get(remote, str(local))


def _is_folder(files: paramiko.SFTPClient, path: str) -> bool:
    return stat.S_ISDIR(_mode_of(files, path))


def _is_file(files: paramiko.SFTPClient, path: str) -> bool:
    return stat.S_ISREG(_mode_of(files, path))


def _mode_of(files: paramiko.SFTPClient, path: str) -> int:
    """Of what a link leads to; 0 where nothing is."""
    try:
        return files.stat(path).st_mode or 0
    except FileNotFoundError:
        return 0


def _folder(path: str) -> InputError:
    return InputError("copy-of-folder", f"'{path}' is a folder.", why="Only files are copied.", fix="Add -r.")


def _refused(remote: str, why: str) -> AgentError:
    return AgentError("copy-refused", f"'{remote}' is not copied.", why=why, fix="Copy what you need of it by name.")
