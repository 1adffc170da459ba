"""Which of the tool's own files a VM's python3 needs: the interpreter and its standard library, nothing more.

Takes the running interpreter, gives paths. Site-packages of a virtual environment are not among them.
"""

import glob
import os
import sys

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """`program` is what python3 means in a VM; `trees` must be bound, at the same paths, for it to run."""

    program: str
    trees: tuple[str, ...]


def find_interpreter(*, has_writable_usr: bool) -> Interpreter:
    """The running interpreter, without its virtual environment."""
    prefix = os.path.realpath(sys.base_prefix)
    program = os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable)
    if not prefix.startswith("/usr"):
        return Interpreter(program=program, trees=_own_trees(prefix))
    if prefix == "/usr/local" and not has_writable_usr:  # the VM's own /usr/local hides the host's
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        libraries = glob.glob(f"{prefix}/lib/libpython*.so*")
        return Interpreter(program=program, trees=(program, f"{prefix}/lib/{version}", *sorted(libraries)))
    return Interpreter(program=program, trees=())


def _own_trees(prefix: str) -> tuple[str, ...]:
    trees = (f"{prefix}/{name}" for name in ("bin", "lib", "lib64"))
    return tuple(tree for tree in trees if os.path.isdir(tree) and not os.path.islink(tree))
