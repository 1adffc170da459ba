"""The sizes of a template with the VMs that its bundle has, and what they cost.

Takes the environment that each size describes, gives choices.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError
from cpi.contract.json_value import JsonValue
from cpi.contract.setup import AnswerChoice
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskRequest,
    LandingSpec,
    OwnerKey,
    PreflightRequest,
    SshAccess,
    StemcellCid,
    VmRequest,
)
from director.app.sessions.init_home import InitHome
from director.model.cloud_names import ONLY_CLOUD
from director.model.questions import SetupQuestion, Suggestions
from director.model.report import Bill
from director.report import bill_text
from director.text.forms.environment_resources import DescribedEnvironment
from director.text.yaml import reader

DescribeSize = Callable[[JsonValue], DescribedEnvironment | None]
_JUMPBOX = "manifests/jumpbox/jumpbox.yml"
_OWNER = OwnerKey(environment="init", deployment=ENVIRONMENT_ITSELF, action="size")


@dataclass(frozen=True, slots=True, kw_only=True)
class _BundleSize:
    """How many VMs of each type, and disks of each type."""

    vms: Counter[str]
    disks: Counter[str]


def suggest_sizes(home: InitHome, question: SetupQuestion, describe: DescribeSize) -> Suggestions | None:
    """The question's own choices with their VMs and prices. Raises CloudError where the cloud cannot be connected."""
    described = {str(choice.value): describe(choice.value) for choice in question.choices}
    first = next((each for each in described.values() if each is not None), None)
    if first is None:
        return None
    wanted = _wanted(home, first.bundle or "platform")
    cloud = home.connect(first.cloud, first.properties)
    try:
        choices = tuple(
            AnswerChoice(value=size, label=_label(cloud, each, wanted)) for size, each in described.items() if each
        )
    finally:
        cloud.close()
    return Suggestions(choices=choices, is_closed=True)


def _wanted(home: InitHome, bundle: str) -> _BundleSize:
    """What the jumpbox and the bundle's manifests have, errands aside: their words alone are read."""
    folder = bundle if "/" in bundle else home.files.bundled(f"manifests/{bundle}")
    index = reader.read_document(home.files.read_source("index.yml", base=folder)).tree
    manifests = [home.files.read_source(home.files.bundled(_JUMPBOX))]
    for each in _listed(index, "deployments"):
        if isinstance(each.get("manifest"), str):
            manifests.append(home.files.read_source(str(PurePath(folder, each["manifest"]))))
    wanted = _BundleSize(vms=Counter(), disks=Counter())
    for source in manifests:
        for group in _listed(reader.read_document(source).tree, "instance_groups"):
            count = group.get("instances")
            if group.get("lifecycle") == "errand" or not isinstance(count, int):
                continue
            wanted.vms[str(group.get("vm_type"))] += count
            if group.get("persistent_disk_type"):
                wanted.disks[str(group["persistent_disk_type"])] += count
    return wanted


def _listed(tree: Any, key: str) -> Iterator[Mapping[str, Any]]:
    found = tree.get(key) if isinstance(tree, Mapping) else None
    yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, Mapping))


def _label(cloud: ConnectedCloud, described: DescribedEnvironment, wanted: _BundleSize) -> str:
    types = {str(each.get("name")): each for each in _listed(described.cloud_config, "vm_types")}
    properties = {name: types.get(name, {}).get("cloud_properties", {}) for name in wanted.vms}
    sizes = Counter[str]()
    for name, count in wanted.vms.items():
        sizes[str(properties[name].get("instance_type", name))] += count
    words = ", ".join(f"{count} x {size}" for size, count in sorted(sizes.items()))
    price = _price(cloud, described, wanted, properties=properties)
    return f"{words}: {price}" if price else words


def _price(
    cloud: ConnectedCloud,
    described: DescribedEnvironment,
    wanted: _BundleSize,
    *,
    properties: Mapping[str, Mapping[str, JsonValue]],
) -> str:
    """What an hour and 30 days cost; "" where the cloud has no prices."""
    if cloud.pricing is None:
        return ""
    request = PreflightRequest(
        landing=cloud.landing.landing_resources(_landing(described)) if cloud.landing else (),
        vms=tuple(_vm(properties[name]) for name, count in wanted.vms.items() for _ in range(count)),
        disks=tuple(_disks(described, wanted)),
    )
    try:
        bill = Bill(prices={ONLY_CLOUD: cloud.pricing.price(request)})
        if bill_text.unpriced(bill) and cloud.pricing.refresh(request):
            bill = Bill(prices={ONLY_CLOUD: cloud.pricing.price(request)})
    except CloudError:
        return ""
    return bill_text.short_words(bill)


def _landing(described: DescribedEnvironment) -> LandingSpec:
    networks, names = described.file.get("networks"), described.file.get("public_names")
    return LandingSpec(
        networks={str(key): str(value) for key, value in networks.items()} if isinstance(networks, Mapping) else {},
        public_names=tuple(map(str, names)) if isinstance(names, list) else (),
    )


def _vm(properties: Mapping[str, JsonValue]) -> VmRequest:
    return VmRequest(
        name="size",
        owner=_OWNER,
        agent_id="size",
        stemcell_cid=StemcellCid(""),
        networks=(),
        ssh=SshAccess(user="vcap", public_key=""),
        cloud_properties=properties,
    )


def _disks(described: DescribedEnvironment, wanted: _BundleSize) -> Iterator[DiskRequest]:
    types = {str(each.get("name")): each for each in _listed(described.cloud_config, "disk_types")}
    for name, count in wanted.disks.items():
        size = types.get(name, {}).get("disk_size", 1024)
        for _ in range(count):
            yield DiskRequest(
                owner=_OWNER, size_mib=int(size), cloud_properties=types.get(name, {}).get("cloud_properties", {})
            )
