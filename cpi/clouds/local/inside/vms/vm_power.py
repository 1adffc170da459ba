"""Switch VMs on and off.

Takes a VM's record, gives when its first process stands or is gone. Whether a VM lives is asked of its lock alone.
"""

import os
import select
import signal
import socket

from cpi.clouds.local.inside.networks import routing
from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import daemon, refusals, sysc
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import vm_init, vm_namespaces, vm_network, vm_root

_SSH_PORT = 22
_POWER_OFF_S = 4.0
_KILL_S = 10.0


def find_init(site: Site, cid: str) -> int:
    """The VM's PID 1 as this process sees it, 0 when it is off."""
    return locks.find_holder(f"{site.vm_dir(cid)}/lock")


def power_on(site: Site, vm: records.LocalVm) -> None:
    """After: the VM's PID 1 stands, its SSH port listens, its public addresses lead to it. On before is success."""
    if find_init(site, vm["cid"]):
        return
    if routing.is_led_apart(vm):
        routing.build_routing(site)
    ear, mouth = os.pipe()
    inside, outside = socket.socketpair()
    ready = daemon.Ready(descriptor=mouth)
    middle = os.fork()
    if middle == 0:
        os.close(ear)
        inside.close()
        daemon.run_to_the_end(ready, lambda reported: _leave_for_vm(site, vm, outside=outside, ready=reported))
    os.close(mouth)
    outside.close()
    vm_namespaces.serve(site.mode, vm, inside=inside, pid=middle)
    answer = daemon.read_all(ear)
    os.waitpid(middle, 0)
    if answer != daemon.READY:
        last_words = answer.decode(errors="replace") or read_console(site, vm["cid"])[-2000:]
        raise refusals.did_not_start(vm["cid"], last_words)
    lead_to(site, vm)


def lead_to(site: Site, vm: records.LocalVm) -> None:
    """Let the router know the ways to a VM that lives: to its public addresses, and to others through it."""
    vm_network.route_addresses(site.state, vm)
    if routing.is_led_apart(vm):
        routing.build_routing(site)


def power_off(site: Site, cid: str, *, at_once: bool) -> None:
    """After: no process of the VM is left. `at_once` pulls the plug; else its processes are asked first."""
    pid = find_init(site, cid)
    if pid <= 0:
        return
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not at_once and _ends_after(process, signal.SIGTERM, _POWER_OFF_S):
            return
        _ends_after(process, signal.SIGKILL, _KILL_S)
    finally:
        os.close(process)


def read_console(site: Site, cid: str) -> str:
    """What the VM's first processes printed, all of its boots."""
    try:
        with open(f"{site.vm_dir(cid)}/console.log", encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _leave_for_vm(site: Site, vm: records.LocalVm, *, outside: socket.socket, ready: daemon.Ready) -> None:
    """Between cloud and VM: the host's files are mounted while the process is the cloud's; the rest is the VM's."""
    sysc.unshare(sysc.NEWNS)
    vm_root.mount_host(site, vm)
    vm_namespaces.enter(site.mode, outside, has_ipv6=vm_network.has_ipv6(vm))
    vm_network.configure(site.state, vm)
    listener = socket.create_server(("", _SSH_PORT), backlog=128)
    if os.fork() == 0:
        daemon.run_to_the_end(ready, lambda answer: vm_init.run(site, vm, listener=listener, ready=answer))


def _ends_after(process: int, number: int, wait_s: float) -> bool:
    try:
        signal.pidfd_send_signal(process, number)
    except ProcessLookupError:
        return True
    watch = select.poll()
    watch.register(process, select.POLLIN)
    return bool(watch.poll(int(wait_s * 1000)))
