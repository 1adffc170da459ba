"""The few files of a VM that differ from the stemcell's: its name, its keys, its users.

Takes a VM's record and its mounted root, writes into it. A VM powered on again keeps what its owner changed
besides.
"""

import contextlib
import os

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system.site import Site

_OTHER_USER_ID = 1001


def write(site: Site, vm: records.LocalVm, root: str) -> None:
    """Write the files of `vm` below `root`."""
    nics = [nic for nic in vm["nics"] if nic["network"]]
    address = next((nic["ip"] for nic in nics if ":" not in nic["ip"]), "127.0.1.1")
    _put(f"{root}/etc/hostname", f"{vm['name']}\n")
    if not os.path.exists(f"{root}/etc/hosts"):
        _put(f"{root}/etc/hosts", f"127.0.0.1 localhost\n{address} {vm['name']}\n")
    servers = [server for nic in nics for server in nic["dns"]]
    if not os.path.exists(f"{root}/etc/resolv.conf"):
        _put(f"{root}/etc/resolv.conf", "".join(f"nameserver {server}\n" for server in servers))
    _write_host_key(site, vm, root)
    for user in dict.fromkeys(("vcap", vm["ssh_user"])):  # as on other clouds, only the login asked for has the key
        _write_login(root, user, vm["ssh_key"] if user == vm["ssh_user"] else "")


def _write_host_key(site: Site, vm: records.LocalVm, root: str) -> None:
    os.makedirs(f"{root}/etc/ssh", exist_ok=True)
    with open(f"{site.vm_dir(vm['cid'])}/host_key", encoding="utf-8") as file:
        _put(f"{root}/etc/ssh/ssh_host_ed25519_key", file.read(), mode=0o600)
    _put(f"{root}/etc/ssh/ssh_host_ed25519_key.pub", vm["host_key"] + "\n")


def _write_login(root: str, user: str, key: str) -> None:
    uid, home = _find_or_add_user(root, user)
    directory = f"{root}{home}/.ssh"
    keys = f"{directory}/authorized_keys"
    if os.path.exists(keys):
        return
    os.makedirs(directory, exist_ok=True)
    _put(keys, key.strip() + "\n" if key.strip() else "", mode=0o600)
    os.chmod(directory, 0o700)
    with contextlib.suppress(OSError):  # one id: everything has the same owner
        for path in (f"{root}{home}", directory, keys):
            os.chown(path, uid, uid)


def _find_or_add_user(root: str, user: str) -> tuple[int, str]:
    with open(f"{root}/etc/passwd", encoding="utf-8") as file:
        lines = [line.split(":") for line in file.read().splitlines()]
    for parts in lines:
        if len(parts) > 5 and parts[0] == user:
            return int(parts[2]), parts[5]
    shell = next((parts[6] for parts in lines if parts[0] == "vcap"), "/bin/sh")  # the VM's root may remove vcap
    uid = max(_OTHER_USER_ID, 1 + max(int(parts[2]) for parts in lines if 0 < int(parts[2]) < 60000))
    _append(f"{root}/etc/passwd", f"{user}:x:{uid}:{uid}::/home/{user}:{shell}\n")
    _append(f"{root}/etc/group", f"{user}:x:{uid}:\n")
    _append(f"{root}/etc/shadow", f"{user}:*:19000:0:99999:7:::\n")
    os.makedirs(f"{root}/home/{user}", exist_ok=True)
    return uid, f"/home/{user}"


def _append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def _put(path: str, text: str, *, mode: int = 0o644) -> None:
    with open(path, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
