"""What Azure's compute provider checks and fills in: VMs, disks, snapshots, images, availability sets.

Takes the place and a body, changes the body, refuses as Azure does.
"""

import base64
import copy
import uuid
from typing import Any

from tests.support.azure import network, pages
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.observer import VmFacts
from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json, Refusal, is_same, name_of

VM = "Microsoft.Compute/virtualMachines"
DISK = "Microsoft.Compute/disks"
_GENERALIZED = {"code": "OSState/generalized", "level": "Info", "displayStatus": "VM generalized"}
_FIXED = ("zones", "osProfile.computerName", "storageProfile.imageReference")


def put_vm(place: Place, change: Change) -> None:
    """Check a VM, take its interfaces and disks, hide what is never told."""
    body, old = change.body, change.old
    properties = body.setdefault("properties", {})
    _check_fixed(body, old)
    _check_size(place, change)
    _hide(properties, change.hidden)
    _take_nics(place, change.id, properties)
    storage = properties.setdefault("storageProfile", {})
    if old is None:
        _make_os_disk(place, change, storage)
    else:
        storage["osDisk"] = copy.deepcopy(old.body["properties"]["storageProfile"]["osDisk"])
        storage.setdefault("dataDisks", old.body["properties"]["storageProfile"].get("dataDisks", []))
    _settle_data_disks(place, change, storage)
    properties["vmId"] = old.body["properties"]["vmId"] if old else str(uuid.uuid4())
    properties.setdefault("timeCreated", "2024-01-01T00:00:00+00:00")
    if old is None:
        change.hidden["power"] = "running"
        change.after.append(lambda: place.observer.vm_started(vm_facts(place, change.id)))
        change.after += network.associations(place, network.nics_of(place, properties))


def generalize_vm(place: Place, name: str) -> None:
    """What `az vm deallocate` and `az vm generalize` do to a VM."""
    with place.store.lock:
        vm = next(one for one in place.store.of_type(VM) if one.body["name"] == name)
        vm.hidden |= {"power": "deallocated", "generalized": True}


def delete_vm(place: Place, held: Held) -> None:
    """Let go of disks and interfaces; those with deleteOption Delete go, too."""
    properties = held.body["properties"]
    storage = properties.get("storageProfile", {})
    for disk in [*storage.get("dataDisks", []), storage.get("osDisk", {})]:
        found = place.store.find(disk.get("managedDisk", {}).get("id", ""))
        if found and disk.get("deleteOption") == "Delete":
            place.store.drop(found.id)
        elif found:
            _release(found)
    for nic in properties.get("networkProfile", {}).get("networkInterfaces", []):
        found = place.store.find(nic["id"])
        if found:
            found.body["properties"].pop("virtualMachine", None)
            if nic.get("properties", {}).get("deleteOption") == "Delete":
                network.let_go(place, found)
                place.store.drop(found.id)


def put_disk(place: Place, change: Change) -> None:
    """Check a disk's size, source and what may not change."""
    properties = change.body.setdefault("properties", {})
    data = properties.setdefault("creationData", {})
    if data.get("createOption") == "Copy":
        source = place.store.find(data.get("sourceResourceId", ""))
        if source is None:
            raise Refusal(404, "NotFound", f"Resource {data.get('sourceResourceId')} is not found.")
        properties.setdefault("diskSizeGB", source.body["properties"]["diskSizeGB"])
    if data.get("createOption") == "Upload":
        properties.setdefault("diskSizeGB", -(-(data["uploadSizeBytes"] - 512) >> 30))
    size = properties.get("diskSizeGB")
    if not isinstance(size, int) or not 1 <= size <= 32767:
        raise Refusal(400, "InvalidParameter", "Required parameter 'diskSizeGB' is missing or out of range.")
    if change.old:
        before = change.old.body["properties"]
        if size < before["diskSizeGB"]:
            raise Refusal(409, "OperationNotAllowed", f"Disk size cannot be decreased from {before['diskSizeGB']} GB.")
        if size > before["diskSizeGB"] and change.old.body.get("managedBy"):
            raise Refusal(409, "OperationNotAllowed", "Cannot resize disk while it is attached to running VM.")
        change.body.setdefault("sku", change.old.body.get("sku"))
        if change.old.body.get("managedBy"):
            change.body["managedBy"] = change.old.body["managedBy"]
    change.body.setdefault("sku", {"name": "Standard_LRS"})
    change.body["sku"]["tier"] = change.body["sku"]["name"].split("_")[0]
    properties["diskSizeBytes"] = size << 30
    properties["timeCreated"] = "2024-01-01T00:00:00.0000000+00:00"
    properties["uniqueId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, change.id))
    fresh = "ReadyToUpload" if data.get("createOption") == "Upload" and not change.old else "Unattached"
    properties["diskState"] = "Attached" if change.body.get("managedBy") else fresh


def put_snapshot(place: Place, change: Change) -> None:
    """The same, from a disk that exists."""
    put_disk(place, change)
    change.body["properties"].pop("diskState")


def put_image(place: Place, change: Change) -> None:
    """An image from a blob, a snapshot or a disk, or of a VM that is generalized."""
    vm_id = change.body.get("properties", {}).get("sourceVirtualMachine", {}).get("id", "")
    if vm_id:
        vm = place.store.need(vm_id)
        if not vm.hidden.get("generalized"):
            words = f"The Virtual Machine {vm_id} is not generalized. Please generalize it before capturing an image."
            raise Refusal(409, "OperationNotAllowed", words)
        own = vm.body["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        taken = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": own}}
        change.body["properties"].setdefault("storageProfile", {})["osDisk"] = taken
    disk = change.body.get("properties", {}).get("storageProfile", {}).get("osDisk", {})
    if not any(disk.get(source) for source in ("blobUri", "managedDisk", "snapshot")):
        raise Refusal(400, "InvalidParameter", "Required parameter 'osDisk' source is missing (null).")
    pages.check_source(place, disk.get("managedDisk", {}).get("id", ""))
    pages.check_source(place, disk.get("snapshot", {}).get("id", ""))
    disk.setdefault("diskSizeGB", 30)
    disk.setdefault("storageAccountType", "Standard_LRS")


def put_set(place: Place, change: Change) -> None:
    """An availability set with Azure's defaults."""
    properties = change.body.setdefault("properties", {})
    properties.setdefault("platformUpdateDomainCount", 5)
    properties.setdefault("platformFaultDomainCount", 2)
    properties["virtualMachines"] = []
    change.body.setdefault("sku", {"name": "Classic"})


def delete_disk(place: Place, held: Held) -> None:
    """Not while a VM has it."""
    if held.body["properties"].get("diskState") in ("ActiveUpload", "ActiveSAS"):
        raise Refusal(409, "OperationNotAllowed", f"There is an active shared access signature on {held.body['name']}.")
    if held.body.get("managedBy"):
        vm = held.body["managedBy"]
        raise Refusal(409, "OperationNotAllowed", f"Disk {held.body['name']} is attached to VM {vm}.")
    disk = held.id
    place.later.append(lambda: place.observer.disk_deleted(disk))


def delete_set(place: Place, held: Held) -> None:
    """Not while a VM is in it."""
    for vm in place.store.of_type(VM):
        inside = vm.body["properties"].get("availabilitySet", {}).get("id", "")
        if is_same(inside, held.id):
            raise Refusal(409, "OperationNotAllowed", f"Availability Set '{held.body['name']}' cannot be deleted.")


def vm_facts(place: Place, vm_id: str) -> VmFacts:
    """The facts of a VM for an observer."""
    with place.store.lock:
        held = place.store.need(vm_id)
        properties = held.body["properties"]
        disks = properties["storageProfile"].get("dataDisks", [])
        return VmFacts(
            id=held.id,
            name=held.body["name"],
            computer_name=properties.get("osProfile", {}).get("computerName", ""),
            nics=tuple(network.nic_facts(place, nic) for nic in network.nics_of(place, properties)),
            custom_data=base64.b64decode(held.hidden.get("customData", "")),
            user_data=base64.b64decode(held.hidden.get("userData", "")),
            data_disks=tuple((disk["lun"], disk["managedDisk"]["id"]) for disk in disks),
        )


def instance_view(held: Held) -> Json:
    """Power and provisioning, as Azure words them."""
    power = held.hidden.get("power", "running")
    state = held.body["properties"].get("provisioningState", "Succeeded")
    return {
        "computerName": held.body["properties"].get("osProfile", {}).get("computerName", ""),
        "statuses": [
            {"code": f"ProvisioningState/{state.lower()}", "level": "Info", "displayStatus": f"Provisioning {state}"},
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": f"VM {power}"},
            *([_GENERALIZED] if held.hidden.get("generalized") else []),
        ],
    }


def show_status(held: Held) -> Json:
    """A VM in the list that tells run-time status alone."""
    start, _, rest = held.id.partition("/resourceGroups/")
    group, _, rest = rest.partition("/")
    about = {"id": f"{start}/resourceGroups/{group.upper()}/{rest}", "name": held.body["name"], "type": VM}
    properties = {"vmId": held.body["properties"]["vmId"], "instanceView": instance_view(held)}
    return {**about, "location": held.body.get("location", LOCATION), "properties": properties}


def families_in_use(place: Place) -> dict[str, int]:
    """Cores that VMs take now, by family, and together under "cores"."""
    used: dict[str, int] = {"cores": 0, "virtualMachines": 0}
    for vm in place.store.of_type(VM):
        size = place.region.sizes[vm.body["properties"]["hardwareProfile"]["vmSize"]]
        used[size.family] = used.get(size.family, 0) + size.cpus
        used["cores"] += size.cpus
        used["virtualMachines"] += 1
    for name, count in place.region.extra_use.items():
        used[name] = used.get(name, 0) + count
    return used


def disks_in_use(place: Place) -> dict[str, int]:
    """How many disks there are, by what the usages call those of their type."""
    types = [str(disk.body.get("sku", {}).get("name", "")).partition("_")[0] for disk in place.store.of_type(DISK)]
    return {f"{kind}DiskCount": types.count(kind) for kind in types}


def _check_fixed(body: Json, old: Held | None) -> None:
    if old is None:
        return
    before = old.body
    for path in _FIXED:
        new_value, old_value = _at(body, path), _at(before, path)
        if new_value is not None and _without_exact(new_value) != _without_exact(old_value):
            name = path.split(".")[-1]
            raise Refusal(409, "PropertyChangeNotAllowed", f"Changing property '{name}' is not allowed.", target=name)


def _without_exact(value: Any) -> Any:
    return {key: one for key, one in value.items() if key != "exactVersion"} if isinstance(value, dict) else value


def _at(body: Json, path: str) -> Any:
    value: Any = body if path == "zones" else body.get("properties", {})
    for word in path.split("."):
        value = value.get(word) if isinstance(value, dict) else None
    return value


def _check_size(place: Place, change: Change) -> None:
    name = change.body["properties"].get("hardwareProfile", {}).get("vmSize", "")
    size = place.region.sizes.get(name)
    zones = change.body.get("zones", [])
    if size is None:
        raise Refusal(
            400, "InvalidParameter", f"The value {name} provided for the VM size is not valid.", target="vmSize"
        )
    if any(zone not in size.zones for zone in zones) or size.restrictions:
        words = f"The requested VM size {name} is currently not available in location '{LOCATION}' zones '{zones}'."
        raise Refusal(409, "SkuNotAvailable", words)
    if change.old is not None:
        return
    used = families_in_use(place)
    for family in ("cores", size.family):
        limit, now = place.region.limits.get(family, 10**6), used.get(family, 0)
        if now + size.cpus > limit:
            words = (
                f"Operation could not be completed as it results in exceeding approved {family} Cores quota. "
                f"Additional details - Deployment Model: Resource Manager, Location: {LOCATION}, Current Limit: {limit}, "  # noqa: E501
                f"Current Usage: {now}, Additional Required: {size.cpus}, (Minimum) New Limit Required: {now + size.cpus}."  # noqa: E501
            )
            raise Refusal(409, "OperationNotAllowed", words)


def _hide(properties: Json, hidden: Json) -> None:
    profile = properties.get("osProfile", {})
    for name in ("adminPassword", "customData"):
        if name in profile:
            hidden[name] = profile.pop(name)
    if "userData" in properties:
        hidden["userData"] = properties.pop("userData")


def _take_nics(place: Place, vm_id: str, properties: Json) -> None:
    for reference in properties.get("networkProfile", {}).get("networkInterfaces", []):
        nic = place.store.find(reference["id"])
        if nic is None:
            raise Refusal(404, "NotFound", f"Network interface {reference['id']} was not found.")
        owner = nic.body["properties"].get("virtualMachine", {}).get("id", "")
        if owner and not is_same(owner, vm_id):
            raise Refusal(400, "NicInUse", f"Network Interface {nic.id} is used by existing resource {owner}.")
        operation = place.store.operations.get(nic.operation)
        if operation is not None and not operation.is_ended:
            raise Refusal(
                409,
                "ReferencedResourceNotProvisioned",
                f"Cannot proceed with operation because resource {nic.id} is not in Succeeded state.",
            )
    for reference in properties.get("networkProfile", {}).get("networkInterfaces", []):
        place.store.need(reference["id"]).body["properties"]["virtualMachine"] = {"id": vm_id}


def _make_os_disk(place: Place, change: Change, storage: Json) -> None:
    image = storage.get("imageReference", {})
    _check_image(place, image)
    disk = storage.setdefault("osDisk", {})
    disk.setdefault("name", f"{change.name}_OsDisk_1_{uuid.uuid5(uuid.NAMESPACE_URL, change.id).hex}")
    disk["osType"] = "Linux"
    disk.setdefault("diskSizeGB", 30)
    managed = disk.setdefault("managedDisk", {})
    managed.setdefault("storageAccountType", "Standard_LRS")
    managed["id"] = f"{change.scope}/providers/{DISK}/{disk['name']}"
    body = {
        "id": managed["id"],
        "name": disk["name"],
        "type": DISK,
        "location": change.body.get("location", LOCATION),
        "tags": dict(change.body.get("tags", {})),
        "managedBy": change.id,
        "sku": {"name": managed["storageAccountType"]},
        "properties": {
            "diskSizeGB": disk["diskSizeGB"],
            "creationData": {"createOption": "FromImage"},
            "provisioningState": "Succeeded",
            "diskState": "Attached",
        },
    }
    place.store.put(Held(id=managed["id"], body=body))


def _check_image(place: Place, image: Json) -> None:
    if image.get("id"):
        if place.store.find(image["id"]) is None:
            raise Refusal(404, "NotFound", f"The image {image['id']} was not found.")
        return
    versions = place.region.images.get((image.get("publisher", ""), image.get("offer", ""), image.get("sku", "")), {})
    if not versions or image.get("version") not in {"latest", *versions}:
        words = f"The platform image '{':'.join(map(str, image.values()))}' is not available."
        raise Refusal(404, "PlatformImageNotFound", words)
    image["exactVersion"] = max(versions) if image["version"] == "latest" else image["version"]


def _settle_data_disks(place: Place, change: Change, storage: Json) -> None:
    wanted = storage.setdefault("dataDisks", [])
    before = change.old.body["properties"]["storageProfile"].get("dataDisks", []) if change.old else []
    size = place.region.sizes[change.body["properties"]["hardwareProfile"]["vmSize"]]
    if len(wanted) > size.max_disks:
        words = f"The maximum number of data disks allowed to be attached to a VM of this size is {size.max_disks}."
        raise Refusal(409, "OperationNotAllowed", words)
    if len({disk["lun"] for disk in wanted}) != len(wanted):
        raise Refusal(400, "InvalidParameter", "A data disk with this LUN is attached already.", target="dataDisk.lun")
    for disk in wanted:
        _check_data_disk(place, change, disk)
    for disk in wanted:
        found = place.store.need(disk["managedDisk"]["id"])
        found.body["managedBy"] = change.id
        found.body["properties"]["diskState"] = "Attached"
        disk["diskSizeGB"] = found.body["properties"]["diskSizeGB"]
        disk.setdefault("name", found.body["name"])
        disk.setdefault("toBeDetached", False)
    kept = {disk["managedDisk"]["id"].lower() for disk in wanted}
    known = {disk["managedDisk"]["id"].lower() for disk in before}
    for disk in before:
        if disk["managedDisk"]["id"].lower() not in kept:
            freed = place.store.find(disk["managedDisk"]["id"])
            if freed:
                _release(freed)
            _tell(change, place.observer.disk_detached, disk)
    if change.old:
        for disk in wanted:
            if disk["managedDisk"]["id"].lower() not in known:
                _tell(change, place.observer.disk_attached, disk)


def _tell(change: Change, what: Any, disk: Json) -> None:
    lun, disk_id = disk["lun"], disk["managedDisk"]["id"]
    change.after.append(lambda: what(change.id, lun, disk_id))


def _check_data_disk(place: Place, change: Change, disk: Json) -> None:
    disk_id = disk.get("managedDisk", {}).get("id", "")
    found = place.store.find(disk_id)
    if found is None:
        raise Refusal(404, "NotFound", f"Disk {name_of(disk_id)} is not found.")
    owner = found.body.get("managedBy", "")
    if owner and not is_same(owner, change.id):
        words = f"Disk '{found.id}' cannot be attached as the disk is already owned by VM '{owner}'."
        raise Refusal(409, "ConflictingUserInput", words, target=disk_id)
    if found.body.get("zones", []) != change.body.get("zones", []):
        raise Refusal(
            400, "BadRequest", f"Disk {found.id} cannot be attached to the VM because it is not in the same zone."
        )


def _release(disk: Held) -> None:
    disk.body.pop("managedBy", None)
    disk.body["properties"]["diskState"] = "Unattached"
