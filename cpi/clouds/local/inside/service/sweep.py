"""Make the cloud's files and processes agree again after any crash.

Takes a site; run at each start of the service. "creating" without a life is deleted, with a life adopted; after a
new set of namespaces, networks are built again and VMs that should run are switched on.
"""

import os

from cpi.clouds.local.inside.networks import load_balancers, nat_gateways, networks, public_addresses, routing
from cpi.clouds.local.inside.records import balancer_records, gateway_records, records
from cpi.clouds.local.inside.system import contents, log
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import disks, stemcells, vm_power, vms
from cpi.contract.errors import CloudError


def run(site: Site) -> None:
    """Sweep; twice does nothing more."""
    for network in records.list_networks(site.state):
        networks.build_network(network)
    for balancer in balancer_records.list_balancers(site.state):
        try:
            load_balancers.build_balancer(site, balancer)
        except CloudError as error:
            log.say(f"load balancer {balancer['name']} stays closed: {error.what} {error.why}")
    for gateway in gateway_records.list_gateways(site.state):
        nat_gateways.build_gateway(gateway)
    routing.build_routing(site)
    _sweep_half_made(site)
    _sweep_vms(site)
    _sweep_holders(site)
    _revive(site)
    contents.remove_set_aside(site, of_all=True)


def _sweep_half_made(site: Site) -> None:
    vms.delete_recordless(site)
    for kind, file_name in records.KINDS.items():
        directory = f"{site.state}/{kind}"
        for cid in os.listdir(directory):
            if not os.path.exists(f"{directory}/{cid}/{file_name}"):
                contents.remove_tree(f"{directory}/{cid}")
    for stemcell in records.list_stemcells(site.state):
        if stemcell["state"] != "created":
            stemcells.remove(f"{site.state}/stemcells/{stemcell['cid']}")
        else:
            stemcells.ensure_files(site, stemcell["cid"])
    for snapshot in records.list_snapshots(site.state):
        if snapshot["state"] != "created":
            contents.remove_tree(f"{site.state}/snapshots/{snapshot['cid']}")


def _sweep_vms(site: Site) -> None:
    for vm in records.list_whole_vms(site.state):
        vms.adopt(site, vm)


def _sweep_holders(site: Site) -> None:
    """The VM's list of disks decides; a crash between two writes left the other side behind."""
    unknown = set(records.damaged_vms(site.state))
    whole = records.list_whole_vms(site.state)
    holders = {disk: vm["cid"] for vm in whole for disk in vm["disks"]}
    for disk in records.list_whole_disks(site.state):
        if disk["vm"] not in unknown:
            disks.set_holder(site, disk["cid"], holders.get(disk["cid"], ""))
    alive = {vm["cid"] for vm in whole} | unknown
    for address in records.list_addresses(site.state):
        if address["vm"] and address["vm"] not in alive:
            public_addresses.release_all(site, address["vm"])


def _revive(site: Site) -> None:
    mark = f"{site.state}/generation.json"
    if records.load_whole(mark, records.GenerationRecord) == {"generation": site.generation}:
        return
    for vm in records.list_whole_vms(site.state):
        if vm["wanted"] == "running":
            try:
                vm_power.power_on(site, vm)
            except CloudError as error:
                log.say(f"VM {vm['cid']} stays off: {error.what} {error.why}")
    records.save(mark, {"generation": site.generation})
