"""PID 1 of a cloud: holds the namespaces, reaps, and knows nothing else. Killing it ends the whole cloud.

Takes a state directory; runs for ever.
"""

import contextlib
import os
import secrets
import signal

from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import daemon, log, netlink, sysc

METADATA_ADDRESS = "169.254.169.254"
# The host's own settings are inherited, and some would be felt here; each link's are in vm_network.
_ROUTER = {
    "ip_forward": "1",
    "conf/all/send_redirects": "0",
    "conf/default/send_redirects": "0",
    "conf/all/rp_filter": "1",
    "conf/all/arp_ignore": "0",
}


def run(state: str, ready: daemon.Ready) -> None:
    """Prepare the new namespaces, take the cloud's lock, tell the starter, then reap for ever."""
    daemon.keep_only(ready.descriptor)
    sysc.set_process_name("cloud-first")
    # A slave, not private: what the host unmounts later must not stay busy because of us.
    sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_SLAVE)
    sysc.mount("proc", "/proc", kind="proc", flags=sysc.MS_NOSUID | sysc.MS_NODEV | sysc.MS_NOEXEC)
    sysc.sethostname("cloud")
    _bring_up_router()
    locks.hold(f"{state}/lock")
    records.save(f"{state}/boot.json", {"generation": secrets.token_hex(8), "has_overlay": _can_overlay(state)})
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    ready.report()
    while signal.sigwaitinfo({signal.SIGCHLD, signal.SIGTERM}).si_signo != signal.SIGTERM:
        reap()


def reap() -> list[int]:
    """Collect every child that ended; gives their ids."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            ended.append(pid)
    return ended


def _bring_up_router() -> None:
    netlink.keep_links_quiet()
    with netlink.Netlink() as links:
        loopback = links.index("lo")
        links.set_up(loopback)
        links.add_address(loopback, METADATA_ADDRESS, 32)
    for name, value in _ROUTER.items():
        with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="utf-8") as file:
            file.write(value)


def _can_overlay(state: str) -> bool:
    """Whether the file system of the state takes an overlay's upper layer, by doing it."""
    trial = f"{state}/trial"
    for name in ("lower", "upper", "work", "on"):
        os.makedirs(f"{trial}/{name}", exist_ok=True)
    options = f"lowerdir={trial}/lower,upperdir={trial}/upper,workdir={trial}/work"
    for extra in ("", ",userxattr"):
        try:
            sysc.mount("trial", f"{trial}/on", kind="overlay", options=options + extra)
        except OSError as error:
            log.say(f"overlay: {error}")
            continue
        sysc.umount(f"{trial}/on")
        return True
    return False
