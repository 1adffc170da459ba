"""Write the pages of docs/reference that are made from the code: `python -m tests.reference`.

Takes nothing, writes files.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support import command_pages, error_codes, error_pages, sources, template_pages
from tests.support.error_codes import Raised

ROOT = Path(__file__).parents[1]


def pages(codes: Iterable[Raised]) -> Mapping[str, str]:
    """Path from the root to text, given the codes of the sources."""
    return {
        "docs/reference/commands.md": command_pages.pages(),
        "docs/reference/errors.md": error_pages.page(codes),
        "docs/reference/template-resources.md": template_pages.page(),
    }


if __name__ == "__main__":
    for path, text in pages(error_codes.read_codes(sources.read_sources(ROOT))).items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
