"""Git submodules of a release directory that are not checked out: their folders are there and hold no file.

Takes the tree and globs, gives folders and the one problem that names them all.
"""

import re
from collections.abc import Collection

from director.errors import InputError
from director.model.releases.release_files import ReleaseTree

FILE = ".gitmodules"
_PATH = re.compile(rb"^[ \t]*path[ \t]*=[ \t]*(\S.*)$", re.MULTILINE)
_WILD = re.compile(r"[*?\[{\\]")
_SHOWN = 20


def empty_submodules(tree: ReleaseTree) -> tuple[str, ...]:
    """The submodules below src/ without a file, as paths from the release directory."""
    text = tree.texts.get(FILE)
    written = _PATH.findall(text.content) if text else []
    paths = {found.decode("utf-8", "replace").strip().strip('"').rstrip("/") for found in written}
    full = {"/".join(("src", *parts[:end])) for parts in _split(tree) for end in range(1, len(parts))}
    return tuple(sorted(path for path in paths if path.startswith("src/") and path not in full))


def reached_by(glob: str, submodules: Collection[str]) -> frozenset[str]:
    """Those in which a glob of a package's spec can look for files."""
    fixed = "src/" + _WILD.split(glob, maxsplit=1)[0]
    return frozenset(
        path for path in submodules if fixed.startswith(f"{path}/") or f"{path}/".startswith(fixed) or fixed == path
    )


def not_checked_out(origin: str, submodules: Collection[str]) -> InputError:
    """One problem for all of them."""
    names = [name if name.isprintable() else ascii(name)[1:-1] for name in sorted(submodules)]
    shown = [*names[:_SHOWN], *([f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])]
    return InputError(
        "release-submodules-empty",
        f"Git submodules of the release are not checked out: {', '.join(shown)}.",
        why=f"{FILE} names them, packages take files from them, and these folders have none.",
        fix="Run `git submodule update --init --recursive` in the release directory.",
        where=origin,
    )


def _split(tree: ReleaseTree) -> set[tuple[str, ...]]:
    return {tuple(path.split("/")) for path in tree.sources}
