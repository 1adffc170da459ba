"""What a page tells its reader to type, and what it says they will see.

Takes Markdown, gives Steps. In a `console` block, lines after `$ ` are typed and the rest is shown; a `sh` block is
typed as a whole. A block may be indented, as in a list. One right below the comment
`<!-- not run by the docs' test: REASON -->` is not run.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>console|sh)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_SKIPPED = re.compile(r"<!-- not run by the docs' test: [^>]+ -->\n\Z")
_LEFT_OUT = "..."
_PATH = r"(?<![\w.])/(?:home|tmp|root)/[\w./-]+"
_VARYING = re.compile(
    rf"(?P<path>{_PATH})|(?P<word>\b(?=[a-z0-9]*[0-9])[a-z0-9]{{16,20}}\b)|(?P<number>\d+)|(?P<space>\s+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command and the lines shown below it. `is_run` is False where the page says so."""

    command: str
    shown: tuple[str, ...] = ()
    is_run: bool = True


def read_steps(markdown: str) -> tuple[Step, ...]:
    """All steps in order."""
    return tuple(step for found in _FENCE.finditer(markdown) for step in _steps(markdown, found))


def missing_lines(step: Step, printed: str) -> tuple[str, ...]:
    """Lines that are shown and were not printed in that order. Numbers, ids, passwords and paths may be others."""
    lines = iter(printed.splitlines())
    return tuple(shown for shown in _reported(step.shown) if not _is_printed(shown, lines))


def _steps(markdown: str, found: re.Match[str]) -> Iterator[Step]:
    is_run = not _SKIPPED.search(markdown[: found.start()])
    body = textwrap.dedent(found["body"])
    if found["kind"] == "sh":
        yield Step(command=body, is_run=is_run)
        return
    for typed in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = typed.splitlines()
        yield Step(command=command, shown=tuple(shown), is_run=is_run)


def _reported(shown: Iterable[str]) -> Iterator[str]:
    return (line for line in shown if line.strip() not in ("", _LEFT_OUT))


def _is_printed(shown: str, lines: Iterator[str]) -> bool:
    """Look on in the lines from where the last one was found."""
    pattern = re.compile(r".*".join(_pattern(part) for part in shown.strip().split(_LEFT_OUT)))
    return any(pattern.fullmatch(line.strip()) for line in lines)


def _pattern(text: str) -> str:
    pieces, at = [], 0
    for found in _VARYING.finditer(text):
        pieces.append(re.escape(text[at : found.start()]))
        pieces.append({"path": r"/\S+", "word": "[a-z0-9]+", "number": r"\d+", "space": r"\s+"}[found.lastgroup or ""])
        at = found.end()
    return "".join([*pieces, re.escape(text[at:])])
