"""The home's table in docs/reference/environment.md, held against a home.

Takes a home, gives what stands there and not in the table, and what others than its user may open.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.command import ROOT

_PAGE = ROOT / "docs/reference/environment.md"
_YOURS = re.compile(r"environments/[^/]+\.yml|cloud-configs/.*")


def unlisted(home: Path) -> list[str]:
    """Files and empty folders that no row of the table names."""
    rows = [_pattern(name) for name in listed_names()]
    ends = (path for path in _below(home) if path.is_file() or not any(path.iterdir()))
    names = (f"{path.relative_to(home)}{'/' if path.is_dir() else ''}" for path in ends)
    return sorted(name for name in names if not any(row.fullmatch(name) for row in rows))


def open_to_others(home: Path) -> list[str]:
    """Folders that are not 0700 and files that are not 0600, but what its user wrote there."""
    found = []
    for path in _below(home):
        name = str(path.relative_to(home))
        if path.stat().st_mode & 0o777 != (0o700 if path.is_dir() else 0o600) and not _YOURS.fullmatch(name):
            found.append(name)
    return sorted(found)


def listed_names() -> tuple[str, ...]:
    """The names in the table's first column; words in capitals match any name, a folder everything below it."""
    section = _PAGE.read_text().partition("## The home\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return tuple(name for cell in cells for name in re.findall(r"`([^`]+)`", cell))


def _pattern(name: str) -> re.Pattern[str]:
    words = re.split(r"([A-Z]{3,})", name)
    text = "".join("[^/]+" if word.isupper() else re.escape(word) for word in words)
    return re.compile(f"{text}.*" if name.endswith("/") else text, re.DOTALL)


def _below(home: Path) -> Iterator[Path]:
    return (path for path in home.rglob("*") if not path.is_symlink())
