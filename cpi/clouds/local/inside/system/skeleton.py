"""The root file system of the host stemcell: what of the host every VM may see, by an allow list.

Takes an empty directory, fills it. What an ordinary user of the host may not read never gets in; /usr comes later,
by mount.
"""

import contextlib
import os
import shutil
import stat
from collections.abc import Sequence

VCAP_ID = 1000
_FIRST_USER_ID = 1000

_DIRECTORIES = (
    "etc usr var proc sys dev run tmp root home home/vcap opt srv mnt media boot var/log var/lib var/cache var/tmp "
    "var/spool var/mail var/vcap var/vcap/data var/empty"
)
_TOP_LEVEL = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS_OF_PACKAGES = ("/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/lib/sysctl.d")
_NOT_FROM_ETC = frozenset(
    [
        "shadow",
        "gshadow",
        "shadow-",
        "gshadow-",
        "passwd-",
        "group-",
        "passwd",
        "group",
        "subuid",
        "subgid",
        "subuid-",
        "subgid-",
        "hosts",
        "hostname",
        "resolv.conf",
        "fstab",
        "mtab",
        "ssh",
        "sudoers",
        "sudoers.d",
        "machine-id",
        "crypttab",
        "cron.d",
        "cron.daily",
        "cron.hourly",
        "cron.weekly",
        "cron.monthly",
        "crontab",
        "NetworkManager",
        "netplan",
        "network",
        "wireguard",
        "systemd",
        "docker",
        "containerd",
        "kubernetes",
        "letsencrypt",
        "init.d",
        "rc0.d",
        "rc1.d",
        "rc2.d",
        "rc3.d",
        "rc4.d",
        "rc5.d",
        "rc6.d",
        "rcS.d",
        "X11",
        "gss",
        "krb5.keytab",
        "environment",
        "sysctl.conf",
        "sysctl.d",
        "motd",
        "issue",
    ]
)


def build(root: str) -> None:
    """Fill `root`. Must run inside the cloud's namespaces: outside, owners would come out wrong."""
    for name in _DIRECTORIES.split():
        os.makedirs(f"{root}/{name}", exist_ok=True)
    for name in ("tmp", "var/tmp"):
        os.chmod(f"{root}/{name}", 0o1777)
    os.chmod(f"{root}/root", 0o700)
    os.symlink("/run", f"{root}/var/run")
    os.symlink("/run/lock", f"{root}/var/lock")
    for name in _TOP_LEVEL:
        _copy_top_level(f"/{name}", f"{root}/{name}")
    _copy_etc("/etc", f"{root}/etc", _NOT_FROM_ETC)
    mask_kernel_settings(f"{root}/etc/sysctl.d", _SETTINGS_OF_PACKAGES)
    _write_accounts(root)
    with contextlib.suppress(OSError):  # one id: everything has the same owner
        os.chown(f"{root}/home/vcap", VCAP_ID, VCAP_ID)


def mask_kernel_settings(folder: str, of_packages: Sequence[str]) -> None:
    """Have an empty file in place of each that packages of the host have.

    Without: `sysctl --system` of a job fails, because it sets all of the host's settings again, and root of a VM may
    set those of its own network alone.
    """
    os.makedirs(folder, exist_ok=True)
    for settings in of_packages:
        for name in os.listdir(settings) if os.path.isdir(settings) else ():
            with open(f"{folder}/{name}", "w", encoding="utf-8"):
                pass


def real_top_level() -> tuple[str, ...]:
    """The top-level directories that are no links into /usr on this host."""
    return tuple(f"/{name}" for name in _TOP_LEVEL if os.path.isdir(f"/{name}") and not os.path.islink(f"/{name}"))


def _copy_top_level(source: str, target: str) -> None:
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    elif os.path.isdir(source):
        os.makedirs(target)


def _copy_etc(source: str, target: str, left_out: frozenset[str]) -> None:
    for entry in os.scandir(source):
        if entry.name in left_out or entry.name == "private":
            continue
        place = f"{target}/{entry.name}"
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(entry.path), place)
        elif stat.S_ISDIR(mode) and mode & 0o5 == 0o5:
            os.makedirs(place, exist_ok=True)
            _copy_etc(entry.path, place, frozenset())
        elif stat.S_ISREG(mode) and mode & 0o4:
            shutil.copyfile(entry.path, place)
            os.chmod(place, stat.S_IMODE(mode) & 0o755)


def _write_accounts(root: str) -> None:
    users = [line for line in _lines("/etc/passwd") if _is_kept(line, "nobody") and not line.startswith("vcap:")]
    users.append(f"vcap:x:{VCAP_ID}:{VCAP_ID}:BOSH System User:/home/vcap:{_shell()}")
    groups = [
        ":".join(line.split(":")[:3]) + ":"
        for line in _lines("/etc/group")
        if _is_kept(line, "nogroup") and not line.startswith("vcap:")
    ]
    groups.append(f"vcap:x:{VCAP_ID}:")
    _write_lines(f"{root}/etc/passwd", users)
    _write_lines(f"{root}/etc/group", groups)
    _write_lines(f"{root}/etc/shadow", [f"{line.split(':')[0]}:*:19000:0:99999:7:::" for line in users])
    _write_lines(f"{root}/etc/gshadow", [f"{line.split(':')[0]}:*::" for line in groups])
    for name in ("shadow", "gshadow"):
        os.chmod(f"{root}/etc/{name}", 0o600)


def _is_kept(line: str, always: str) -> bool:
    parts = line.split(":")
    return len(parts) > 2 and (parts[0] == always or (parts[2].isdigit() and int(parts[2]) < _FIRST_USER_ID))


def _shell() -> str:
    return "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def _write_lines(path: str, lines: list[str]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
