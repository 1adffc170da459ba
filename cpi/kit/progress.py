"""A person who watches is told something now, while a call goes on.

Takes words, writes them to standard error: standard output belongs to the command's own answer.
"""

import sys


def tell(words: str) -> None:
    """One line."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
