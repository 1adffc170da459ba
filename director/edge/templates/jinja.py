"""Jinja templates evaluated by a process of our own, so that time and memory have real bounds.

Takes the module that is the process, gives an evaluator.
"""

import sys

from director.edge.templates.template_process import TemplateEvaluator, TemplateProgram

_MEMORY_BYTES = 1 << 30
_GRACE_S = 2.0
"""How much longer than its own alarm the process is waited for: what C code holds up, no alarm ends."""


class JinjaProcess(TemplateEvaluator):
    """Evaluates Jinja by the function `main` of `module`, whose argument is the time limit of a template in seconds."""

    def __init__(self, module: str, *, timeout_s: float = 10.0) -> None:
        def program() -> TemplateProgram:
            # Without `site`, and with the very paths of this process: quicker, and the same code in any installation.
            text = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main({timeout_s!r})"
            return TemplateProgram(
                name="The process that renders Jinja",
                command=(sys.executable, "-I", "-S", "-c", text),
                environment={"LANG": "C.UTF-8"},
                memory_bytes=_MEMORY_BYTES,
            )

        super().__init__(program, timeout_s=timeout_s + _GRACE_S)
