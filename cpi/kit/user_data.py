"""The first boot of a stock image, as a `#!` script: cloud-init runs it, and so does any image that runs user data.

Takes a login and a host name, gives a script. It holds no secret, runs twice as once, and leaves alone what is right.
"""

import re
import shlex

from cpi.contract.errors import CloudError
from cpi.contract.values import SshAccess

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_KEY = re.compile(r"(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( [\x20-\x7e]*)?")

_SCRIPT = """#!/bin/sh
# The login that a director uses: its key for its user, by key only.
set -eu
user={user}
key={key}
name={name}
if ! id "$user" >/dev/null 2>&1; then
    useradd --create-home --shell /bin/sh "$user"
fi
home=$(getent passwd "$user" | cut -d: -f6)
group=$(id -g "$user")
mkdir -p "$home/.ssh"
# Images put "log in as another user" before the key that the cloud gave to root.
if [ -f "$home/.ssh/authorized_keys" ]; then
    sed -i '/^no-port-forwarding/d' "$home/.ssh/authorized_keys"
fi
grep -qxF "$key" "$home/.ssh/authorized_keys" 2>/dev/null || printf '%s\\n' "$key" >>"$home/.ssh/authorized_keys"
chmod 700 "$home/.ssh"
chmod 600 "$home/.ssh/authorized_keys"
chown -R "$user:$group" "$home/.ssh"
if [ "$user" = root ]; then
    if [ -d /etc/ssh/sshd_config.d ]; then
        printf 'PermitRootLogin prohibit-password\\n' >/etc/ssh/sshd_config.d/00-director.conf
    else
        sed -i 's/^#*PermitRootLogin .*/PermitRootLogin prohibit-password/' /etc/ssh/sshd_config
    fi
    pkill -HUP -x sshd 2>/dev/null || true
elif [ -d /etc/sudoers.d ]; then
    printf '%s ALL=(ALL) NOPASSWD:ALL\\n' "$user" >/etc/sudoers.d/90-director
    chmod 440 /etc/sudoers.d/90-director
fi
hostname "$name" 2>/dev/null || true
printf '%s\\n' "$name" >/etc/hostname
grep -qwF "$name" /etc/hosts || printf '127.0.1.1 %s\\n' "$name" >>/etc/hosts
"""


def boot_script(ssh: SshAccess, *, host_name: str) -> str:
    """The script. Raises CloudError, code `login-not-usable`, for a user or a key that no image would take."""
    if not _USER.fullmatch(ssh.user) or not _KEY.fullmatch(ssh.public_key.strip()):
        raise CloudError(
            "login-not-usable",
            f"User '{ssh.user}' with this public key cannot be created on a VM.",
            why="A user name has lower-case letters, digits, _ and -; a key is one OpenSSH line.",
            fix="Correct the environment's login.",
        )
    words = {"user": ssh.user, "key": ssh.public_key.strip(), "name": host_name}
    return _SCRIPT.format_map({name: shlex.quote(word) for name, word in words.items()})
