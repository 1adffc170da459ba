"""VMs of a template: an instance group each.

Takes VMs and the index of resources, gives machines; reports what is wrong with them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from cpi.contract.landing_parts import ImageSpec
from cpi.contract.value_classes import dataclass
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings, nearest
from director.resolve.templates import (
    accounts,
    extensions,
    images,
    interfaces,
    network_properties,
    pieces,
    property_table,
    vm_sizes,
)
from director.resolve.templates.accounts import Account
from director.resolve.templates.interfaces import Index, VmInterface
from director.resolve.templates.pieces import TemplatePiece, body_of
from director.resolve.templates.vm_sizes import NamedSize

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_MIB = 1024
_COMMON = ("Standard_B1s", "Standard_B2s", "Standard_B2ms", "Standard_D2s_v5", "Standard_D4s_v5", "Standard_E2s_v5")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDisk:
    """`resource` is the disk of its own that it attaches, None for one that is made with the VM."""

    name: str
    size_mib: int
    resource: TemplateResource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One VM. `size` is None only beside a problem. `image` is one of the template or the cloud, None a publisher's."""

    resource: TemplateResource
    az: str
    size: NamedSize | None
    os: str
    image: ImageSpec | None
    interfaces: tuple[VmInterface, ...]
    disks: tuple[DataDisk, ...]
    account: Account | None
    tags: tuple[tuple[str, str], ...]


def read_machines(
    resources: Sequence[TemplateResource], index: Index, azs: Sequence[str], *, found: Findings
) -> tuple[Machine, ...]:
    """All VMs. Reports: template-value-invalid, template-reference-missing, template-resource-unused."""
    vms = [one for one in resources if property_table.type_of(one.type) == property_table.VM]
    scripts = extensions.read_scripts(resources, found)
    accounts_of = {vm.key: accounts.read_account(vm, scripts.pop(vm.key, None), found=found) for vm in vms}
    for piece in scripts.values():
        piece.report_here(
            "template-reference-missing",
            "the template has no such VM.",
            found=found,
            fix="Name the extension as its VM and itself: web/script.",
        )
    machines = tuple(_machine(vm, index, azs, account=accounts_of[vm.key], found=found) for vm in vms)
    _check_used(resources, machines, found)
    return machines


def _machine(
    vm: TemplateResource, index: Index, azs: Sequence[str], *, account: Account | None, found: Findings
) -> Machine:
    if not _NAME.fullmatch(vm.name):
        body_of(vm).report_here(
            pieces.INVALID,
            f"'{vm.name}' is not a valid name of a VM.",
            found=found,
            why="It has letters, digits, '.', '_' and '-', 64 at most, and begins and ends with a letter or digit.",
            fix="Rename it.",
        )
    properties = body_of(vm).at("properties")
    image = index.images.get(images.reference_of(vm).text(found).lower())
    return Machine(
        resource=vm,
        az=_az(body_of(vm).at("zones"), azs, found),
        size=_size(properties.at("hardwareProfile", "vmSize"), found),
        os=image.os if image else accounts.read_image(vm, found),
        image=image,
        interfaces=interfaces.read_interfaces(vm, index, found),
        disks=tuple(_disks(properties.at("storageProfile", "dataDisks"), index, found)),
        account=account,
        tags=tuple((name, text) for name, piece in body_of(vm).at("tags").members() if (text := piece.text(found))),
    )


def _az(zones: TemplatePiece, azs: Sequence[str], found: Findings) -> str:
    """The AZ of the zone's number; the first without one."""
    for piece in list(zones.elements())[:1]:
        text = piece.text(found)
        number = int(text) if text.isdecimal() else 0
        if 1 <= number <= len(azs):
            return azs[number - 1]
        piece.report_here(
            pieces.INVALID,
            f"the environment has no zone '{text}'.",
            found=found,
            why=f"Its cloud config has these AZs, counted from 1: {', '.join(azs) or 'none'}.",
            fix="Write the number of one of them, or leave `zones` out.",
        )
    return azs[0] if azs else ""


def _size(piece: TemplatePiece, found: Findings) -> NamedSize | None:
    name = piece.text(found)
    size = vm_sizes.find_size(name)
    if size is None:
        near = nearest(name, _COMMON)
        piece.report_here(
            pieces.INVALID,
            f"the VM size '{name}' is not known." if name else "a VM needs hardwareProfile.vmSize.",
            found=found,
            why=f"compleat knows the sizes of the families {vm_sizes.FAMILIES}.",
            fix=f"Did you mean '{near}'?" if near else "Write a size such as Standard_B2s.",
        )
    return size


def _disks(disks: TemplatePiece, index: Index, found: Findings) -> Iterator[DataDisk]:
    names: set[str] = set()
    for piece in disks.elements():
        option, lun = piece.at("createOption").text(found).lower(), piece.at("lun").whole(found)
        name = piece.at("name").text(found) or f"lun{lun if lun is not None else len(names)}"
        own = None
        if option == "attach":
            own = index.find(piece.at("managedDisk", "id"), property_table.DISK, found)
            name = own.name if own is not None else name
        elif option != "empty":
            piece.at("createOption").report_here(
                pieces.INVALID,
                f"the createOption '{option}' of a data disk is not supported.",
                found=found,
                why="A disk is new and empty, or one of the template.",
                fix="Write Empty, or Attach with managedDisk.id.",
            )
        if name.lower() in names:
            piece.report_here(
                pieces.INVALID, f"two data disks are called '{name}'.", found=found, fix="Rename one of them."
            )
        names.add(name.lower())
        size = body_of(own).at("properties", "diskSizeGB") if own else piece.at("diskSizeGB")
        yield DataDisk(name=name, size_mib=_size_mib(size, found), resource=own)


def _size_mib(piece: TemplatePiece, found: Findings) -> int:
    size = piece.whole(found)
    if size is None or size < 1:
        piece.report_here(
            pieces.INVALID, "a disk needs its diskSizeGB, of 1 at least.", found=found, fix='Write "diskSizeGB": 10.'
        )
        return 0
    return size * _MIB


def _check_used(resources: Sequence[TemplateResource], machines: Sequence[Machine], found: Findings) -> None:
    """compleat makes interfaces and disks with their VMs: each belongs to one."""
    used = Counter(text.lower() for machine in machines for text in _used(machine.resource))
    for resource in resources:
        is_part = property_table.type_of(resource.type) in (network_properties.NIC, property_table.DISK)
        if is_part and used[resource.key] != 1:
            body_of(resource).report_here(
                "template-resource-unused",
                f"{used[resource.key] or 'no'} VMs of the template use it.",
                found=found,
                why="compleat makes an interface or a disk together with its VM.",
                fix="Use it in one VM, or remove it.",
            )


def _used(vm: TemplateResource) -> Iterator[str]:
    properties = body_of(vm).at("properties")
    interfaces_there = properties.at("networkProfile", "networkInterfaces").elements()
    disks = properties.at("storageProfile", "dataDisks").elements()
    pieces = (*(one.at("id") for one in interfaces_there), *(one.at("managedDisk", "id") for one in disks))
    yield from (piece.value for piece in pieces if isinstance(piece.value, str))
