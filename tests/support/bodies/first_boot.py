"""What a stock image does at a boot, done from outside to a VM without our keys.

Takes a ground and a VM's CID; runs programs in it as its root, the way the image's own services would.
"""

import shlex
import subprocess
from collections.abc import Iterable

from cpi.contract.values import VmCid
from tests.support.bodies.ground import Ground

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BOOT_S = 60.0
_NAME_FILE = "/var/lib/cloud/data/hostname"

_STOCK = """set -e
mkdir -p /etc/ssh/sshd_config.d /etc/sudoers.d /root/.ssh /var/lib/cloud/instance/scripts /var/lib/cloud/data
userdel --remove vcap 2>/dev/null || true
printf '%s\\n' 'no-port-forwarding,no-agent-forwarding,command="echo Log in as admin;sleep 10" ssh-ed25519 KEY' \\
    >/root/.ssh/authorized_keys
cat >/var/lib/cloud/instance/scripts/part-001
"""
"""A cloud's image beside what a local VM has: folders for settings, no user of BOSH's, and no login of root's."""

_RUN = f"""set -e
chmod 700 /var/lib/cloud/instance/scripts/part-001
/var/lib/cloud/instance/scripts/part-001
hostname >{_NAME_FILE}
"""
_BOOT = f"[ ! -f {_NAME_FILE} ] || {{ hostname $(cat {_NAME_FILE}); cat {_NAME_FILE} >/etc/hostname; }}"


def run_first(ground: Ground, cid: VmCid, user_data: bytes) -> None:
    """Make it a stock image's machine and run its user data once. Raises RuntimeError with what a failing one said."""
    run(ground, cid, _STOCK, given=user_data)
    if not user_data:
        return
    if not user_data.startswith(b"#!"):
        raise RuntimeError(f"user data that is no script: {user_data[:40]!r}")
    run(ground, cid, _RUN)


def run_again(ground: Ground, cid: VmCid) -> None:
    """A later boot: the machine keeps the name that its user data gave it."""
    run(ground, cid, _BOOT)


def show_disk(ground: Ground, cid: VmCid, *, place: str, paths: Iterable[str]) -> None:
    """What udev does: a name below /dev for an attached disk."""
    for path in paths:
        name = shlex.quote(path)
        run(ground, cid, f"mkdir -p $(dirname {name}) && ln -sfn {shlex.quote(place)} {name}")


def hide_disk(ground: Ground, cid: VmCid, paths: Iterable[str]) -> None:
    """And when it is gone."""
    run(ground, cid, f"rm -f {' '.join(map(shlex.quote, paths))}")


def run(ground: Ground, cid: VmCid, script: str, *, given: bytes = b"") -> str:
    """Run a shell script as the VM's root; gives what it printed. Raises RuntimeError when it fails."""
    argv = ["nsenter", "--all", "--target", str(ground.first_process(cid)), "--", "/bin/sh", "-c", script]
    environment = {"PATH": _PATH, "LANG": "C.UTF-8", "HOME": "/root"}
    done = subprocess.run(argv, input=given, capture_output=True, env=environment, timeout=_BOOT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{cid}: {script!r} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()
