"""Monit control files read on the VM: what director/monit finds wrong becomes the guest's error.

Takes a file's name and text, or checks, gives checks.
"""

from __future__ import annotations

from typing import List, Sequence

from director.guest.failures import GuestError
from director.monit import ordering, reading
from director.monit.checks import BrokenFileError, Check, NameTwiceError, UnorderedError


def read_checks(file: str, text: str) -> List[Check]:
    """Every check of one control file, in its order. Raises monit-file-broken."""
    try:
        return reading.read_checks(text)
    except BrokenFileError as error:
        raise GuestError(
            "monit-file-broken",
            "%s:%d: the monit file cannot be read." % (file, error.line),
            why="found %s" % error.found,
            fix="Correct it; supported are %s." % error.supported,
        ) from error


def order_checks(checks: Sequence[Check]) -> List[Check]:
    """The supervised ones, each after those it depends on. Raises monit-depends-broken, monit-name-twice."""
    try:
        return ordering.order_checks(checks)
    except NameTwiceError as error:
        raise GuestError(
            "monit-name-twice",
            "Two jobs of one instance supervise processes of the same name: %s." % ", ".join(error.names),
            fix="Give the process another name in one job's monit file.",
        ) from error
    except UnorderedError as error:
        raise GuestError(
            "monit-depends-broken",
            "The processes of this instance have no valid start order.",
            why=error.why,
            fix="Correct 'depends on' in the job's monit file.",
        ) from error
