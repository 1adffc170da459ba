"""`python -m director.page`: waits until a browser opens the page, and only then imports what serves it.

Takes a listening socket (its descriptor) and one line of JSON on standard input, which stays open for as long as the
command runs that started it. Ends with that command, or once no browser looks any more.
"""

import importlib
import json
import select
import sys

_LONGEST = 65536


def main() -> int:
    """Wait for the first connection; a command that ends before it needs no page."""
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as unbuffered:
        order = json.loads(unbuffered.readline(_LONGEST))
    listening = int(order["socket"])
    ready, _, _ = select.select([listening, sys.stdin.fileno()], [], [])
    if listening not in ready:
        return 0
    importlib.import_module("director.page.serving").serve(order)
    return 0


if __name__ == "__main__":
    sys.exit(main())
