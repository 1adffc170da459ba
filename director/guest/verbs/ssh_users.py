"""The verb ssh: a person's login made and taken away again.

Takes a user and a public key, gives what a client needs. Names must begin with "bosh_"; only such can be removed.
Source: cloudfoundry/bosh-agent agent/action/ssh.go.
"""

from __future__ import annotations

import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
from typing import Any, Dict, List

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.system import files

_NAME = re.compile(r"bosh_[a-z0-9_]{1,27}")


def change_access(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """`setup` twice is once; `cleanup` of a user that is not there is success."""
    action, user = arguments.text("action"), arguments.text("user")
    if not _NAME.fullmatch(user):
        raise GuestError(
            "unsafe-name", "The login %r is not allowed." % user, why="expected bosh_ and lower-case letters"
        )
    with guest.changing:
        if action == "setup":
            _set_up(guest.layout, user, arguments.text("public_key"))
        elif action == "cleanup":
            _clean_up(user)
        else:
            raise GuestError("bad-arguments", "'%s' is not an ssh action." % action, why="expected setup or cleanup")
    return {"command": action, "status": "success", "ip": _address(), "host_public_key": _host_key()}


def _set_up(layout: Layout, user: str, public_key: str) -> None:
    if "\n" in public_key.strip():
        raise GuestError("bad-arguments", "The public key is more than one line.")
    homes = layout.path("bosh_ssh")
    os.makedirs(homes, exist_ok=True)
    if not _exists(user):
        groups = ["-G", "vcap"] if _exists("vcap") else []
        _run(["useradd", "-m", "-d", os.path.join(homes, user), "-s", "/bin/bash", *groups, user])
        _run(["usermod", "-p", "*", user])  # "!" would mean a locked account, which sshd refuses
    home = pwd.getpwnam(user).pw_dir
    folder = os.path.join(home, ".ssh")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    files.write_file(os.path.join(folder, "authorized_keys"), public_key.strip().encode() + b"\n")
    for path in (folder, os.path.join(folder, "authorized_keys")):
        shutil.chown(path, user)
    if os.path.isdir("/etc/sudoers.d"):
        files.write_file("/etc/sudoers.d/" + user, ("%s ALL=(ALL) NOPASSWD:ALL\n" % user).encode(), mode=0o440)


def _clean_up(user: str) -> None:
    if _exists(user):
        _run(["userdel", "-r", "-f", user])
    files.remove_path("/etc/sudoers.d/" + user)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _run(command: List[str]) -> None:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        trouble = done.stdout.decode("utf-8", "replace").strip() if done.returncode else ""
        failed = done.returncode != 0
    except FileNotFoundError:
        failed, trouble = True, "this image has no %s" % command[0]
    if failed:
        raise GuestError(
            "login-not-changed", "%s failed." % command[0], why=trouble, fix="Log in as the VM's own user."
        )


def _address() -> str:
    """The address that traffic leaves from; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _host_key() -> str:
    for path in sorted(glob.glob("/etc/ssh/ssh_host_*_key.pub")):
        with open(path, encoding="utf-8") as stream:
            return stream.read().strip()
    return ""
