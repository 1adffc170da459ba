"""The program `packet_probe`: apply rules to packets for real, in a namespace that ends at once, and say what failed.

Takes nothing; prints a line for each kind of chain: its name, and the error's number (0: it worked).
"""

import os
import sys
from collections.abc import Callable
from functools import partial

from cpi.clouds.local.inside.system import packet_rules, sysc
from cpi.clouds.local.inside.system.packet_rules import Hook, PacketChain

_MARKS = PacketChain(
    name="marks",
    kind="filter",
    hook=Hook.PREROUTING,
    priority=-150,
    rules=(packet_rules.from_range("10.0.0.0/24") + packet_rules.set_mark(1),),
)
_TRANSLATION = PacketChain(
    name="leaving",
    kind="nat",
    hook=Hook.POSTROUTING,
    priority=100,
    rules=(packet_rules.from_range("10.0.0.0/24") + packet_rules.set_source("203.0.113.1"),),
)


def main(arguments: list[str]) -> int:
    """Try each kind of chain."""
    for chain in (_MARKS, _TRANSLATION):
        sys.stdout.write(f"{chain.kind} {_in_fork(partial(_apply, chain))}\n")
    return 0


def _apply(chain: PacketChain) -> None:
    sysc.unshare(sysc.NEWNET if os.geteuid() == 0 else sysc.NEWUSER | sysc.NEWNET)
    packet_rules.replace_chains((chain,))


def _in_fork(step: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    number = 1
    try:
        step()
        number = 0
    except OSError as error:
        number = error.errno or 1
    finally:
        os._exit(number)
