"""How the terminal shows what stopped a command. A door imports it for a command that is stopped, and not before.

Takes an error, gives words on standard error and, where asked, JSON on standard output.
"""

import importlib
from collections.abc import Sequence

from cpi.contract.errors import ExplainedError
from director.cli.terminal.terminal import Terminal
from director.report import error_text


def show_error(error: ExplainedError, *, is_json: bool) -> None:
    """The error; in JSON, too, unless JSON could not be written."""
    terminal = Terminal(is_json=is_json)
    terminal.note(error_text.error_lines(error))
    if is_json and error.code != "result-not-written":
        terminal.say_json(importlib.import_module("director.report.as_json").error_json(error))


def show_words(lines: Sequence[str]) -> None:
    """Words about the command."""
    Terminal().note(lines)
