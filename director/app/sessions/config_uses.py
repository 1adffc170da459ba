"""Who uses what a config defines, by the manifests that were deployed and those of runs that have not ended.

Takes documents of configs before and after a deletion, gives users of what would be gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from director.model.configs import ConfigType
from director.model.documents import Source
from director.model.secret_ref import Property
from director.text.yaml import reader

Entry = tuple[str, str]
"""A kind of thing that a config defines, as messages name it, and its name."""

_SECTIONS = {
    "azs": "AZ",
    "networks": "network",
    "vm_types": "VM type",
    "vm_extensions": "VM extension",
    "disk_types": "disk type",
    "addons": "addon",
    "cpis": "CPI",
}
_OF_TYPE = {
    ConfigType.CLOUD: ("azs", "networks", "vm_types", "vm_extensions", "disk_types"),
    ConfigType.RUNTIME: ("addons",),
    ConfigType.CPI: ("cpis",),
}
_COMPILATION: Entry = ("section", "compilation")


def defined_by(type_: ConfigType, sources: Iterable[Source]) -> frozenset[Entry]:
    """What configs of the type define by name; documents that cannot be read define nothing."""
    found: set[Entry] = set()
    for source in sources:
        tree = reader.read_document(source).tree
        for section in _OF_TYPE.get(type_, ()):
            found.update((_SECTIONS[section], name) for name in _names(tree, section))
        if type_ is ConfigType.CLOUD and isinstance(tree, Mapping) and tree.get("compilation"):
            found.add(_COMPILATION)
    return frozenset(found)


def used_by(manifest: str, deployment: str) -> frozenset[Entry]:
    """What a manifest, as it was deployed, uses of configs."""
    tree = reader.read_document(Source(name=f"deployment {deployment}", content=manifest.encode())).tree
    if not isinstance(tree, Mapping):
        return frozenset()
    found: set[Entry] = {_COMPILATION, *(("addon", name) for name in _names(tree, "addons"))}
    for group in _maps(tree.get("instance_groups")):
        found.update(_of_group(group))
    return frozenset(found)


def _of_group(group: Mapping[str, Property]) -> Iterator[Entry]:
    yield from (("AZ", str(az)) for az in _list(group.get("azs")))
    yield from (("network", name) for name in _names(group, "networks"))
    yield from (("VM extension", str(name)) for name in _list(group.get("vm_extensions")))
    yield from ((kind, str(group[key])) for kind, key in _SINGLE if group.get(key))
    yield from (("disk type", str(disk.get("type"))) for disk in _maps(group.get("persistent_disks")))


_SINGLE = (("VM type", "vm_type"), ("disk type", "persistent_disk_type"))


def _names(tree: Property, section: str) -> Iterator[str]:
    listed = tree.get(section) if isinstance(tree, Mapping) else ()
    return (str(each["name"]) for each in _maps(listed) if "name" in each)


def _maps(listed: Property) -> Iterator[Mapping[str, Property]]:
    return (each for each in _list(listed) if isinstance(each, Mapping))


def _list(listed: Property) -> Sequence[Property]:
    return listed if isinstance(listed, list | tuple) else ()
