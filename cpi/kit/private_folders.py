"""Folders of this user alone below the director's home.

Takes a path, makes it and what is missing on the way.
"""

from pathlib import Path


def make_private(folder: Path) -> None:
    """Make the folder and its missing parents 0700: Path.mkdir would make the parents by the umask. Raises OSError."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
