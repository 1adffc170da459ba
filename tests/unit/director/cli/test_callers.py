"""Who a command is asked by."""

import os
import re
import subprocess
import sys
import time

import pytest

from director.cli import callers


def test_a_caller_is_the_user_at_this_machine_in_this_process_now() -> None:
    before = time.time()
    caller = callers.calling("compleat deploy web.yml")
    assert re.fullmatch(rf"\S.*@{re.escape(os.uname().nodename)} \(pid {os.getpid()}\)", caller.who)
    assert caller.command == "compleat deploy web.yml"
    assert before <= caller.at <= time.time()


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become a user without a name")
def test_a_user_without_a_name_is_named_by_its_number() -> None:
    """A container that runs with a user id of its own knows no name for it."""
    code = "import os; from director.cli import callers; os.setuid(54321); print(callers.calling('x').who)"
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("uid 54321@")
