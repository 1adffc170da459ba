"""The log of a served plugin: standard error, since standard output carries the response. All of cpi prints here alone.

Takes lines, writes them.
"""

import sys


class Log:
    """A Progress whose lines a BOSH director keeps in its task's CPI log."""

    def report(self, text: str) -> None:
        """One line."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    prompt = report
