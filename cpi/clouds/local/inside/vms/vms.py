"""VMs: make, delete, switch, tag.

Takes and gives records. A VM's record is on disk, "creating", before its first process; so whatever dies when, the
sweep knows what it sees.
"""

import os
from typing import TypedDict, cast

from cpi.clouds.local.inside.networks import network_cards, networks, public_addresses, routing
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.records.orders import VmOrder
from cpi.clouds.local.inside.ssh import ssh_server
from cpi.clouds.local.inside.system import contents, names
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import disks, vm_network, vm_power
from cpi.contract.errors import ConflictError, NotFoundError


class VmTarget(TypedDict):
    cid: str


class VmTags(TypedDict):
    cid: str
    tags: dict[str, str]


def create_vm(site: Site, order: VmOrder) -> records.LocalVm:
    """Make and switch on a VM; the same owner's again gives the same VM."""
    cid = names.cid_of("vm", order["owner"])
    delete_recordless(site)
    found = records.load_vm(site.state, cid)
    if found is not None and adopt(site, found):
        return found
    vm = _write_record(site, cid, order)
    for nic in vm["nics"]:
        if nic["kind"] == "vip":
            public_addresses.take(site, nic["ip"], cid)
    _switch_on_or_remove(site, vm)
    vm["state"] = "created"
    records.save_vm(site.state, vm)
    for disk in vm["disks"]:
        disks.set_holder(site, disk, cid)
    return vm


def adopt(site: Site, vm: records.LocalVm) -> bool:
    """Decide about a VM whose making may have been cut short: alive, it is whole; dead, it is removed."""
    if vm["state"] == "created":
        return True
    if not vm_power.find_init(site, vm["cid"]):
        delete_vm(site, {"cid": vm["cid"]})
        return False
    vm_power.lead_to(site, vm)
    vm["state"] = "created"
    records.save_vm(site.state, vm)
    return True


def end_processes(site: Site, target: VmTarget) -> None:
    """After: no process of a created VM is left; absent is success. Waits for nothing else of the cloud.

    One whose creation is under way keeps its processes: `delete_vm` ends them when its turn has come.
    """
    vm = records.load_whole(f"{site.vm_dir(target['cid'])}/vm.json", records.LocalVm)
    if vm is not None and vm["state"] == "created":
        vm_power.power_off(site, target["cid"], at_once=True)


def delete_vm(site: Site, target: VmTarget) -> None:
    """Pull the plug and remove all of it; its disks stay. Absent is success."""
    vm = records.load_whole(f"{site.vm_dir(target['cid'])}/vm.json", records.LocalVm)
    vm_power.power_off(site, target["cid"], at_once=True)
    if vm is not None:
        vm_network.remove_links(vm)
    public_addresses.release_all(site, target["cid"])
    disks.release_all(site, target["cid"])
    contents.set_aside(site, site.vm_dir(target["cid"]))
    if vm is not None and routing.is_led_apart(vm):
        routing.build_routing(site)


def delete_recordless(site: Site) -> None:
    """Delete VMs that have no record: their making was cut short, or somebody removed one that was damaged."""
    for cid in os.listdir(f"{site.state}/vms"):
        if not os.path.lexists(f"{site.vm_dir(cid)}/vm.json"):
            delete_vm(site, {"cid": cid})


def start_vm(site: Site, target: VmTarget) -> None:
    """Switch on; on before is success."""
    vm = find_vm(site, target["cid"])
    vm["wanted"] = "running"
    records.save_vm(site.state, vm)
    vm_power.power_on(site, vm)


def stop_vm(site: Site, target: VmTarget) -> None:
    """Switch off, processes first; off before is success."""
    vm = find_vm(site, target["cid"])
    vm["wanted"] = "stopped"
    records.save_vm(site.state, vm)
    vm_power.power_off(site, vm["cid"], at_once=False)
    vm_network.remove_links(vm)


def reboot_vm(site: Site, target: VmTarget) -> None:
    """Switch off and on."""
    stop_vm(site, target)
    start_vm(site, target)


def set_vm_tags(site: Site, arguments: VmTags) -> None:
    """Put tags beside those there are."""
    vm = find_vm(site, arguments["cid"])
    vm["tags"] |= arguments["tags"]
    records.save_vm(site.state, vm)


def find_vm(site: Site, cid: str) -> records.LocalVm:
    """The VM's record. Raises NotFoundError, code unknown-vm."""
    vm = records.load_vm(site.state, cid)
    if vm is None:
        raise NotFoundError("unknown-vm", f"The local cloud has no VM {cid}.")
    return vm


def _write_record(site: Site, cid: str, order: VmOrder) -> records.LocalVm:
    stemcell = records.load_stemcell(site.state, order["stemcell"])
    if stemcell is None:
        raise NotFoundError("unknown-stemcell", f"The local cloud has no stemcell {order['stemcell']}.")
    nics = network_cards.make_cards(site, cid, order["nics"])
    _check_disks(site, cid, order["disks"])
    for nic in nics:
        if nic["network"]:
            networks.ensure_gateway(site, networks.find_network(site, nic["network"]), nic["gateway"])
    private, public = ssh_server.make_host_key()
    contents.remove_tree(site.vm_dir(cid))  # a former try may have ended before its record was written
    os.makedirs(site.vm_dir(cid))
    vm = cast(records.LocalVm, {**order, "cid": cid, "nics": nics, "host_key": public})
    vm["state"] = "creating"
    vm["wanted"] = "running"
    records.save_vm(site.state, vm)
    _write_private(f"{site.vm_dir(cid)}/host_key", private)
    return vm


def _switch_on_or_remove(site: Site, vm: records.LocalVm) -> None:
    try:
        vm_power.power_on(site, vm)
    except BaseException:
        delete_vm(site, {"cid": vm["cid"]})
        raise


def _check_disks(site: Site, cid: str, wanted: list[str]) -> None:
    for disk_cid in wanted:
        disk = disks.find_disk(site, disk_cid)
        if disk["vm"] not in ("", cid):
            raise ConflictError("disk-attached", f"Disk {disk_cid} is attached to VM {disk['vm']}.")


def _write_private(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
