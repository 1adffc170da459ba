"""A VM's file systems: its own root, the host's programs below it, and nothing else of the host.

Takes a VM's record and the site. What comes from the host is mounted before the VM's user namespace exists, which
locks it; the VM's own comes afterwards; at the end the process is in the new root.
"""

import os
import shutil
import stat

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import log, skeleton, sysc
from cpi.clouds.local.inside.system.modes import Mode
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import vm_files

_QUIET = sysc.MS_NOSUID | sysc.MS_NODEV | sysc.MS_NOEXEC
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_DEVICE_LINKS = (
    ("pts/ptmx", "ptmx"),
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
)


def mount_host(site: Site, vm: records.LocalVm) -> None:
    """Mount the VM's root with the host's programs in it; call in a mount namespace that the cloud's ids own."""
    directory = site.vm_dir(vm["cid"])
    root = f"{directory}/root"
    sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_PRIVATE)
    _mount_root(site, vm, root)
    _mount_programs(site, directory, root)
    _mount_python(site, root)


def enter(site: Site, vm: records.LocalVm) -> None:
    """Mount what is the VM's own and make it all the process's whole world; call in the VM's own namespaces."""
    directory = site.vm_dir(vm["cid"])
    root = f"{directory}/root"
    sysc.mount(root, root, flags=sysc.MS_BIND | sysc.MS_REC)  # the root itself must not be locked to be pivoted into
    _mount_kernel_files(site, root)
    _mount_run(site, vm, root)
    sysc.mount(f"{directory}/data", f"{root}/var/vcap/data", flags=sysc.MS_BIND)
    vm_files.write(site, vm, root)
    _pivot(root)


def _mount_root(site: Site, vm: records.LocalVm, root: str) -> None:
    directory = site.vm_dir(vm["cid"])
    lower = f"{site.state}/stemcells/{vm['stemcell']}/rootfs"
    for name in ("root", "upper", "work", "upper-usr", "work-usr", "local", "data"):
        os.makedirs(f"{directory}/{name}", exist_ok=True)
    if site.has_overlay:
        sysc.mount("root", root, kind="overlay", options=_overlay_options(site, lower, directory, suffix=""))
        return
    if not os.path.exists(f"{root}/etc"):
        shutil.copytree(lower, root, symlinks=True, dirs_exist_ok=True)
    sysc.mount(root, root, flags=sysc.MS_BIND)


def _mount_programs(site: Site, directory: str, root: str) -> None:
    if site.mode.has_writable_usr() and site.has_overlay:
        source = f"{site.state}/host/usr" if site.mode is Mode.R1 else "/usr"
        sysc.mount(
            "usr", f"{root}/usr", kind="overlay", options=_overlay_options(site, source, directory, suffix="-usr")
        )
    else:
        _show(site, "/usr", f"{root}/usr")
        for name in ("bin", "sbin", "lib", "etc", "share"):
            os.makedirs(f"{directory}/local/{name}", exist_ok=True)
        sysc.mount(f"{directory}/local", f"{root}/usr/local", flags=sysc.MS_BIND)
    for path in skeleton.real_top_level():
        _show(site, path, f"{root}{path}")


def _show(site: Site, source: str, target: str, *, flags: int = 0) -> None:
    """Let the VM read a tree of the host; `flags` are ATTR_*.

    Without user namespaces nothing locks a mount's flags; there an overlay without an upper layer, which cannot be made
    writable, is in between.
    """
    if site.mode.has_userns() or not site.has_overlay or not os.path.isdir(source):
        sysc.bind(source, target, attributes=sysc.ATTR_RDONLY | flags)
        return
    nothing = f"{site.state}/host/nothing"
    os.makedirs(nothing, exist_ok=True)
    options = f"lowerdir={nothing}:{source}"
    sysc.mount("host", target, kind="overlay", flags=sysc.MS_RDONLY | (flags & sysc.MS_NOSUID), options=options)


def _overlay_options(site: Site, lower: str, directory: str, *, suffix: str) -> str:
    extra = ",userxattr" if site.mode.has_userns() else ""
    return f"lowerdir={lower},upperdir={directory}/upper{suffix},workdir={directory}/work{suffix}{extra}"


def _mount_python(site: Site, root: str) -> None:
    """The tool's own interpreter, at its own path: it may be where only the host's root can read."""
    for source, tree in site.python_sources():
        target = f"{root}{tree}"
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "a", encoding="utf-8"):
                pass
        _show(site, source, target, flags=sysc.ATTR_NOSUID)
        if tree.startswith("/root/"):
            os.chmod(f"{root}/root", 0o711)
    _link(site.interpreter, f"{root}/usr/local/bin/python3")
    if not os.path.lexists(f"{root}/usr/bin/python3") and site.mode.has_writable_usr() and site.has_overlay:
        _link(site.interpreter, f"{root}/usr/bin/python3")


def _link(to: str, path: str) -> None:
    if os.path.realpath(to) == path or (os.path.lexists(path) and not os.path.islink(path)):
        return
    if os.path.islink(path):
        if os.readlink(path) == to:
            return
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(to, path)


def _mount_kernel_files(site: Site, root: str) -> None:
    sysc.mount("proc", f"{root}/proc", kind="proc", flags=_QUIET)
    try:
        sysc.mount("sysfs", f"{root}/sys", kind="sysfs", flags=_QUIET | sysc.MS_RDONLY)
    except OSError as error:
        log.say(f"The VM goes without /sys: {error}")
    if not site.mode.has_userns():
        sysc.bind(f"{root}/proc/sys", f"{root}/proc/sys", attributes=sysc.ATTR_RDONLY)
    sysc.mount("dev", f"{root}/dev", kind="tmpfs", flags=sysc.MS_NOSUID, options="mode=755,size=64k")
    for name in _DEVICES:
        _make_device(site, f"/dev/{name}", f"{root}/dev/{name}")
    os.mkdir(f"{root}/dev/pts")
    os.mkdir(f"{root}/dev/shm")
    options = "newinstance,ptmxmode=0666,mode=620"
    sysc.mount("devpts", f"{root}/dev/pts", kind="devpts", flags=sysc.MS_NOSUID | sysc.MS_NOEXEC, options=options)
    sysc.mount("shm", f"{root}/dev/shm", kind="tmpfs", flags=sysc.MS_NOSUID | sysc.MS_NODEV, options="mode=1777")
    for to, name in _DEVICE_LINKS:
        os.symlink(to, f"{root}/dev/{name}")


def _make_device(site: Site, source: str, target: str) -> None:
    """The host's own where the VM's root cannot change it, else another of its kind."""
    if site.mode.has_userns():
        with open(target, "w", encoding="utf-8"):
            pass
        sysc.mount(source, target, flags=sysc.MS_BIND)
        return
    os.mknod(target, stat.S_IFCHR | 0o666, os.stat(source).st_rdev)
    os.chmod(target, 0o666)


def _mount_run(site: Site, vm: records.LocalVm, root: str) -> None:
    sysc.mount("run", f"{root}/run", kind="tmpfs", flags=sysc.MS_NOSUID | sysc.MS_NODEV, options="mode=755")
    os.mkdir(f"{root}/run/lock")
    os.mkdir(f"{root}/run/disks")
    for disk in vm["disks"]:
        os.mkdir(f"{root}/run/disks/{disk}")
        sysc.mount(site.disk_files(disk), f"{root}/run/disks/{disk}", flags=sysc.MS_BIND)


def _pivot(root: str) -> None:
    os.chdir(root)
    sysc.pivot_root(".", ".")
    sysc.umount(".", sysc.MNT_DETACH)
    os.chdir("/")
