"""chpst: commands run as another user, also where the machine has one id only (needs root)."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root")

# A machine with one id: as root of a user namespace that maps only 0, with setuid and friends answering "done" and
# doing nothing. The guest's own functions are called; only what the kernel's filter does there is done by hand.
ONE_ID = """
import os, sys
sys.path.insert(0, {program!r})
from director.guest.system import users
os.setgroups = os.setgid = os.setuid = lambda *ids: None
os.chmod({folder!r}, 0o755)
script = "id -u; id -g; touch {folder}/mine; stat -c %u {folder}/mine"
sys.exit(users.main(["chpst", "-u", "nobody:nogroup", "/bin/sh", "-c", script]))
"""


def test_the_command_is_installed_and_runs_as_the_user(guest: GuestProcess, tmp_path: Path) -> None:
    done = subprocess.run(
        [guest.base / "bosh" / "bin" / "chpst", "-u", "nobody:nogroup", "/usr/bin/id"], capture_output=True, check=True
    )
    assert done.stdout.startswith(b"uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)")


def test_an_unknown_user_is_told(guest: GuestProcess) -> None:
    done = guest.run("chpst", "-u", "nobody-of-that-name", "id")
    assert (done.returncode, b"nobody-of-that-name" in done.stderr) == (111, True)


def test_a_command_that_is_not_there_is_told(guest: GuestProcess) -> None:
    done = guest.run("chpst", "-u", "nobody", "/no/such/thing")
    assert (done.returncode, done.stderr) == (111, b"chpst: /no/such/thing: No such file or directory \n")


def test_with_one_id_only_the_command_sees_the_user_all_the_same(guest: GuestProcess, tmp_path: Path) -> None:
    code = ONE_ID.format(program=str(guest.program), folder=str(tmp_path))
    command = ["unshare", "--user", "--map-root-user", "/usr/bin/env", "python3", "-c", code]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.split() == [b"65534", b"65534", b"65534"]


def test_sudo_of_an_image_without_one_runs_commands_as_root_with_what_was_set(guest: GuestProcess) -> None:
    done = guest.run("sudo", "-E", "-n", "COLOUR=blue", "sh", "-c", 'echo "$COLOUR $(id -u)"')
    assert (done.returncode, done.stdout) == (0, f"blue {os.getuid()}\n".encode())
    missing = guest.run("sudo", "--", "/does/not/exist")
    assert (missing.returncode, missing.stderr) == (1, b"sudo: /does/not/exist: No such file or directory\n")
    assert guest.run("sudo", "-u", "nobody-here", "true").returncode != 0
