"""What has to be done again after the VM was booted.

Takes the boot's mark, gives a mounted disk and a running supervisor; the same boot twice does nothing.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import subprocess
import sys

from director.guest.dns import server_process
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import create_layout
from director.guest.supervise import control_files
from director.guest.supervise.service_set import MODE_STOPPED
from director.guest.system import files, processes, stemcell_parts
from director.guest.verbs import disks, named_disks, supervision

_UNIT = """[Unit]
Description=compleat: processes of this instance
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
ExecStart=/usr/bin/env python3 %s boot

[Install]
WantedBy=multi-user.target
"""
_COMMANDS = ("chpst", "bpm", "monit")
_OF_SYSTEM = ("chpst", "sudo")
"""Commands that a stemcell has where every PATH finds them: a login's, cron's, that of a hook of bpm."""
_SYSTEM_BIN = "/usr/local/bin"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_UNIT_FILE = "/etc/systemd/system/compleat-guest.service"


def prepare_vm(guest: Guest) -> None:
    """Have directories, commands, disk and supervisor as they should be; called by every `serve` and at boot."""
    create_layout(guest.layout)
    if guest.layout.is_default and os.getuid() == 0:
        stemcell_parts.create_groups()
    _install_commands(guest)
    _recover(guest)
    if control_files.read_wanted(guest.layout).mode != MODE_STOPPED or server_process.is_wanted(guest.layout):
        supervision.ensure_supervisor(guest)


def _recover(guest: Guest) -> None:
    """Pidfiles of the boot before would name strangers, and mounts are gone."""
    layout = guest.layout
    mark_file = layout.path("bosh", "boot.json")
    mark = processes.boot_mark()
    known = files.read_json(mark_file).get("mark")
    if known == mark:
        return
    if known is not None and not control_files.supervisor_pid(layout):
        for pidfile in glob.glob(os.path.join(layout.run, "**", "*.pid"), recursive=True):
            files.remove_path(pidfile)
        try:
            disks.remount_disk(layout)
        except GuestError as error:
            if error.code != "disk-not-found":  # detached while the VM was down
                raise
        named_disks.associate_again(layout)
    files.write_json(mark_file, {"mark": mark})


def _install_commands(guest: Guest) -> None:
    """Commands for job scripts; a unit for the next boot where systemd runs."""
    absent = [command for command in _OF_SYSTEM if not _is_of_image(guest, command)]
    for command in dict.fromkeys((*_COMMANDS, *absent)):
        path = os.path.join(guest.layout.bin, command)
        script = ('#!/bin/sh\nexec "%s" -I -S "%s" %s "$@"\n' % (sys.executable, guest.program, command)).encode()
        if not os.path.exists(path) or _content(path) != script:
            files.write_file(path, script, mode=0o755)
    if guest.layout.is_default and os.getuid() == 0:
        for command in absent:
            link_command(os.path.join(guest.layout.bin, command), _SYSTEM_BIN)
        if os.path.isdir("/run/systemd/system"):
            _install_unit((_UNIT % guest.program).encode())


def link_command(path: str, folder: str) -> None:
    """Have a command there too; what has its name stays, and a directory that cannot be written has none."""
    with contextlib.suppress(OSError):
        os.symlink(path, os.path.join(folder, os.path.basename(path)))


def _is_of_image(guest: Guest, command: str) -> bool:
    found = shutil.which(command, path=_SYSTEM_PATH)
    return found is not None and not os.path.realpath(found).startswith(os.path.realpath(guest.layout.bin) + "/")


def _install_unit(unit: bytes) -> None:
    if os.path.exists(_UNIT_FILE) and _content(_UNIT_FILE) == unit:
        return
    files.write_file(_UNIT_FILE, unit, mode=0o644)
    if shutil.which("systemctl"):
        subprocess.run(["systemctl", "enable", "compleat-guest.service"], capture_output=True, check=False)


def _content(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
