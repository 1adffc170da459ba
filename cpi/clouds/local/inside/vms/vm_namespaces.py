"""The namespaces of a VM, the user namespace among them, and what only a process outside of them can give it.

Takes two ends of a socket: `enter` runs in the process that becomes the VM, `serve` in one that stays in the cloud.

A user namespace of its own is what holds a VM's root: the kernel locks the flags of every mount that was made
outside of it, so what is read-only there stays so (mount_namespaces(7), "Restrictions on mount namespaces").
"""

import os
import socket

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import netlink, sysc
from cpi.clouds.local.inside.system.modes import Mode
from cpi.clouds.local.inside.vms import vm_network

_OWN = sysc.NEWPID | sysc.NEWUTS | sysc.NEWIPC | sysc.NEWNET | sysc.NEWCGROUP
_LOCKING = sysc.NEWUSER | sysc.NEWNS
_OK = b"ok"


def enter(mode: Mode, outside: socket.socket, *, has_ipv6: bool) -> None:
    """Leave for the VM's namespaces; after: its ids are mapped and its links are there."""
    sysc.unshare(_OWN | (_LOCKING if mode.has_userns() else 0))
    # The ids of a process that cannot be inspected cannot be mapped; nothing of the VM runs before it is closed again.
    sysc.prctl(sysc.PR_SET_DUMPABLE, 1)
    if has_ipv6:
        netlink.allow_ipv6()
    else:
        netlink.keep_links_quiet()
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    socket.send_fds(outside, [str(os.getpid()).encode()], [own])
    answer = outside.recv(4096)
    sysc.prctl(sysc.PR_SET_DUMPABLE, 0)
    os.close(own)
    outside.close()
    if answer != _OK:
        raise OSError(answer.decode(errors="replace") or "The process outside of the VM's namespaces ended.")


def serve(mode: Mode, vm: records.LocalVm, *, inside: socket.socket, pid: int) -> None:
    """Set up the process `pid` at the other end; it gets the error otherwise."""
    with inside:
        _, descriptors, _, _ = socket.recv_fds(inside, 64, 1)
        if not descriptors:
            return  # it ended before it had namespaces, and has said why
        try:
            if mode.has_userns():
                _map_ids(pid)
            vm_network.connect_card(vm, descriptors[0])
            inside.sendall(_OK)
        except OSError as error:
            inside.sendall(f"{type(error).__name__}: {error}".encode()[:4000])
        finally:
            os.close(descriptors[0])


def _map_ids(pid: int) -> None:
    """Every id of the cloud is the same id in the VM."""
    for kind in ("uid", "gid"):
        with open(f"/proc/self/{kind}_map", encoding="utf-8") as file:
            extents = [line.split() for line in file]
        text = "".join(f"{first} {first} {count}\n" for first, _, count in extents)
        with open(f"/proc/{pid}/{kind}_map", "w", encoding="utf-8") as file:
            file.write(text)
