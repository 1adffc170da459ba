"""Questions typed at a terminal: words above, a prompt, one line as the answer.

Takes a Terminal, gives what asks a question there.
"""

from collections.abc import Sequence

from director.cli.terminal.terminal import Terminal
from director.model.questions import AnswerKind, SetupQuestion
from director.report import question_text
from director.text.forms import writing


class Asker:
    """Shows a question whole the first time, and after a wrong answer what was wrong with it."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._intro: tuple[str, ...] = ("Enter takes the answer in brackets. Ctrl-C ends without writing anything.",)

    def ask(self, question: SetupQuestion, faults: Sequence[str]) -> str:
        """What was typed. Raises WrongUseError, code `not-answered`, where the input ends."""
        lines = question_text.fault_lines(faults)
        if not faults:
            lines = (*self._intro, *question_text.question_lines(question, writing.constraint_words(question)))
            self._intro = ()
        is_hidden = question.kind is AnswerKind.SECRET
        return self._terminal.ask(lines, question_text.prompt_text(question), is_hidden=is_hidden)
