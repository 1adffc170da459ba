"""What a VM's first process does on request from outside: mount and unmount disks.

Takes one JSON line, sometimes with a mount's descriptor, on a socket in the VM's directory, unreachable from inside.
Entering the VM's namespaces from outside instead would need its first process open to inspection, and so the memory it
was forked with open to the VM's root.
"""

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from cpi.clouds.local.inside.system import log, sockets, sysc

SOCKET = "init.sock"
_ANSWER_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MountAnswer:
    """`errno` 0 is success; `besides` are other mount points of the same disk."""

    errno: int
    text: str
    besides: tuple[str, ...]


def ask(directory: str, request: Mapping[str, str], descriptor: int | None = None) -> MountAnswer:
    """Ask the VM whose directory this is; OSError when it is off."""
    with sockets.connect(directory, SOCKET, timeout_s=_ANSWER_S) as connection:
        line = json.dumps(request).encode()
        socket.send_fds(connection, [line], [] if descriptor is None else [descriptor])
        answer = json.loads(connection.recv(65536))
    return MountAnswer(errno=answer["errno"], text=answer["text"], besides=tuple(answer["besides"]))


def serve_one(listener: socket.socket) -> None:
    """Take one request, if there is one, and do it. Never raises: this is PID 1."""
    try:
        connection, _ = listener.accept()
    except OSError:
        return
    with connection:
        connection.settimeout(_ANSWER_S)
        try:
            line, descriptors, _, _ = socket.recv_fds(connection, 65536, 1)
            connection.sendall(json.dumps(_do(json.loads(line), descriptors)).encode())
        except (OSError, ValueError, KeyError) as error:
            log.say(f"A request failed: {error}")


def _do(request: Mapping[str, str], descriptors: list[int]) -> Mapping[str, object]:
    besides: list[str] = []
    try:
        match request["do"]:
            case "mount":
                _mount(request["target"], descriptors[0])
            case "unmount":
                besides = _mounted_besides(request["target"])
                if not besides:
                    _unmount(request["target"])
    except OSError as error:
        return {"errno": error.errno or 1, "text": str(error), "besides": []}
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return {"errno": 0, "text": "", "besides": besides}


def _mount(target: str, descriptor: int) -> None:
    if os.path.ismount(target):
        return
    os.makedirs(target, exist_ok=True)
    sysc.move_mount(descriptor, target)


def _unmount(target: str) -> None:
    if os.path.ismount(target):
        sysc.umount(target)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(target)


def _mounted_besides(target: str) -> list[str]:
    """Other places of the VM where the disk, or a directory of it, is mounted."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    for _, _, device, root, point, *_ in mounts:
        if point == target:
            return [
                other[4]
                for other in mounts
                if other[4] != target and other[2] == device and f"{other[3]}/".startswith(f"{root}/")
            ]
    return []
