"""The first process of a test machine, run inside new namespaces: makes mounts and loopback, then waits.

Takes the folder that becomes /var/vcap; ends, and the machine with it, when its standard input closes.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str, flags: int) -> None:
    """Mount, or say why not."""
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mounting {target}")


root = sys.argv[1]
etc = os.path.join(root, "data", "etc")
os.makedirs(etc, exist_ok=True)
mount("none", "/", "", MS_REC | MS_PRIVATE)
for name, entry in (("passwd", "vcap:x:1000:1000:vcap:/home/vcap:/bin/bash"), ("group", "vcap:x:1000:")):
    with open(os.path.join(etc, name), "w") as file:
        file.write({"passwd": "root:x:0:0:root:/root:/bin/bash\n", "group": "root:x:0:\n"}[name] + entry + "\n")
    mount(os.path.join(etc, name), "/etc/" + name, "", MS_BIND)
opened = os.open(root, os.O_PATH | os.O_DIRECTORY)
mount("tmpfs", "/var", "tmpfs", 0)
os.makedirs("/var/vcap")
mount(f"/proc/self/fd/{opened}", "/var/vcap", "", MS_BIND)
os.close(opened)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
# As a real machine's first process it takes no interest in how its children end.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.write(1, b"ready\n")
sys.stdin.read()
