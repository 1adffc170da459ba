"""ERB templates evaluated by Ruby.

Takes nothing, gives an evaluator. The Ruby side is erb_renderer.rb beside this file.
"""

import os
import shutil
from functools import partial
from pathlib import Path

from director.edge.templates.template_process import TemplateEvaluator, TemplateProgram
from director.errors import InputError

_PROGRAM = Path(__file__).with_name("erb_renderer.rb")


class RubyErb(TemplateEvaluator):
    """Evaluates ERB. Raises InputError: ruby-missing."""

    def __init__(self, *, ruby: str = "ruby", timeout_s: float = 60.0) -> None:
        super().__init__(partial(_ruby_program, ruby), timeout_s=timeout_s)


def _ruby_program(ruby: str) -> TemplateProgram:
    if shutil.which(ruby) is None:
        raise InputError(
            "ruby-missing",
            "Templates written in ERB need Ruby, and it is not installed.",
            why=f"No program `{ruby}` is on the PATH.",
            fix="Install the package `ruby` (`apt-get install ruby`, `dnf install ruby`, `apk add ruby`, "
            "`zypper install ruby`, `brew install ruby`) and run the same command again.",
        )
    return TemplateProgram(
        name="Ruby",
        command=(ruby, "-EUTF-8:UTF-8", "--disable=error_highlight", str(_PROGRAM)),
        environment={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": os.environ.get("HOME", "/"),
        },
    )
