"""Write the pages of docs/reference that are made from the code: `python -m tests.reference`.

Takes nothing, writes files.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.support import command_pages, error_codes, error_pages

ROOT = Path(__file__).parents[1]


def pages() -> Mapping[str, str]:
    """Path from the root to text."""
    return {
        "docs/reference/commands.md": command_pages.pages(),
        "docs/reference/errors.md": error_pages.page(error_codes.read_codes(ROOT)),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
