"""This program, as it is typed where the command was typed.

Takes the process's own words, gives words for a shell.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

from director.cli import home

NAME = "compleat"


def find_program() -> str:
    """`compleat` where that is on the PATH, else its path; COMPLEAT_HOME before it where that is not the default."""
    found = home.find_home()
    place = "" if found == home.default_home() else f"COMPLEAT_HOME={shlex.quote(str(found))} "
    return f"{place}{_words(Path(sys.argv[0]))}"


def _words(script: Path) -> str:
    on_path = shutil.which(NAME)
    if script.name != NAME:
        return f"{shlex.quote(sys.executable)} -m director.cli.main"
    if on_path and (not script.exists() or script.samefile(on_path)):
        return NAME
    try:
        whole = script.absolute()
        near = os.path.relpath(whole)
    except FileNotFoundError:  # the current folder was deleted
        return shlex.quote(str(script))
    return shlex.quote(near if "/" in near and not near.startswith("..") else str(whole))
