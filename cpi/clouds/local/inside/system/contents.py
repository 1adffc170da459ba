"""What a cloud holds in all, and taking it away at the end.

Takes a site. Files are deleted inside the namespaces: some belong to ids, or have modes, that the user outside
cannot touch.
"""

import contextlib
import os
import shutil
from typing import Any

from cpi.clouds.local.inside.records import account_records, balancer_records, gateway_records, records, route_records
from cpi.clouds.local.inside.system import sockets, sysc
from cpi.clouds.local.inside.system.site import Site

_MARK = "closing"
_SET_ASIDE = "removed"
_KEPT = frozenset(
    {
        *("cloud.json", "boot.json", "edge.json", "host", "lock", "log", "op.lock"),
        *(sockets.SERVICE, sockets.SERVICE_LOCK, sockets.EDGE, sockets.EDGE_LOCK),
        *(sockets.BALANCERS, sockets.BALANCER_LOCK),
    }
)


def is_closing(site: Site) -> bool:
    """Whether the cloud is on its way out and takes nothing new."""
    return os.path.exists(f"{site.state}/{_MARK}")


def is_removable(state: str, *, after_landing: bool) -> bool:
    """Whether nothing is left that a cloud would be kept for; once the landing zone is gone stemcells do not count."""
    held: list[Any] = [
        *records.list_whole_vms(state),
        *records.list_whole_disks(state),
        *records.damaged_vms(state),
        *records.damaged_disks(state),
        *records.list_snapshots(state),
        *records.list_networks(state),
        *records.list_addresses(state),
        *route_records.list_tables(state),
        *gateway_records.list_gateways(state),
        *balancer_records.list_balancers(state),
        *account_records.list_accounts(state),
    ]
    return not held and (after_landing or not records.list_stemcells(state))


def clear(site: Site, arguments: dict[str, bool]) -> bool:
    """Delete all but what still runs, if nothing is held; says whether it did. From then on nothing new is taken."""
    if not is_removable(site.state, after_landing=arguments["after_landing"]):
        return False
    with open(f"{site.state}/{_MARK}", "w", encoding="utf-8"):
        pass
    for cid in os.listdir(f"{site.state}/stemcells"):
        root = f"{site.state}/stemcells/{cid}/rootfs"
        if os.path.ismount(root):
            sysc.umount(root, sysc.MNT_DETACH)
    for name in os.listdir(site.state):
        if name not in _KEPT and name != _MARK:
            remove_tree(f"{site.state}/{name}")
    return True


def set_aside(site: Site, path: str) -> None:
    """Take a directory from its place in one step; absent is success.

    Its thousands of files go in `remove_set_aside`, which other operations need not wait for.
    """
    os.makedirs(f"{site.state}/{_SET_ASIDE}", exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(path, f"{site.state}/{_SET_ASIDE}/{os.path.basename(path)}.{os.getpid()}")


def remove_set_aside(site: Site, *, of_all: bool = False) -> None:
    """Delete what this process set aside; `of_all`: what any did, for one may have died before its files were gone."""
    directory = f"{site.state}/{_SET_ASIDE}"
    for name in os.listdir(directory) if os.path.isdir(directory) else ():
        if of_all or name.endswith(f".{os.getpid()}"):
            remove_tree(f"{directory}/{name}")


def remove_tree(path: str) -> None:
    """Delete a directory with all below; absent is success, and so is another process that deletes it meanwhile."""
    if os.path.isdir(path):
        try:
            _remove_directory(path)
        except PermissionError:
            _open_up(path)
            _remove_directory(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _remove_directory(path: str) -> None:
    while os.path.isdir(path):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path)


def _open_up(path: str) -> None:
    """An overlay's work/work has mode 0, which stops an owner who is not root."""
    for directory, names, _ in os.walk(path):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                _open_directory(f"{directory}/{name}")


def _open_directory(path: str) -> None:
    if not os.path.islink(path):
        os.chmod(path, 0o700)
