"""The only error that a verb returns.

Takes words, gives an exception that becomes the reply's `error`.
"""

from __future__ import annotations

from typing import Dict


class GuestError(Exception):
    """`output` is the last lines of what failed, "" where nothing ran."""

    def __init__(self, code: str, what: str, *, why: str = "", fix: str = "", output: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.fix = fix
        self.output = output

    def as_json(self) -> Dict[str, str]:
        return {"code": self.code, "what": self.what, "why": self.why, "fix": self.fix, "output": self.output}
