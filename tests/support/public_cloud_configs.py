"""Public cloud configs, each with a manifest that uses all that it names.

Takes the folder beside the project, gives configs and manifests; they are read in place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cpi.contract.values import Finding
from director.errors import InputError
from tests.support import planted_files
from tests.support.corpus import CORPUS
from tests.support.planted_files import ENVIRONMENT

FOLDER = CORPUS / "cloud-configs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCloudConfig:
    """A cloud config as its authors published it; `tree` is it parsed."""

    path: Path
    tree: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Its path within the folder."""
        return str(self.path.relative_to(FOLDER))

    def properties(self, *kinds: str) -> Iterator[Mapping[str, Any]]:
        """The cloud properties of everything of these kinds ("vm_types")."""
        for kind in kinds:
            for one in self.tree.get(kind, ()):
                yield one.get("cloud_properties") or {}

    def subnets(self) -> Iterator[Mapping[str, Any]]:
        """The subnets of all its networks."""
        for network in self.tree["networks"]:
            yield from network.get("subnets", ())

    def azs(self, network: Mapping[str, Any]) -> list[str]:
        """The AZs that a network has subnets in."""
        named = [az for subnet in network.get("subnets", ()) for az in (subnet.get("az"), *subnet.get("azs", ()))]
        return [az for az in dict.fromkeys(named) if az]

    def manifest(self) -> str:
        """A group for each VM type and extension, on each network in turn, and a disk of each type."""
        networks = [one for one in self.tree["networks"] if one.get("type") != "vip"]
        sized = [one["name"] for one in self.tree["vm_types"] if "instance_type" in (one.get("cloud_properties") or {})]
        wanted: list[dict[str, Any]] = [{"vm_type": one} for one in sized]
        wanted += [{"vm_type": sized[0], "vm_extensions": [one["name"]]} for one in self.tree.get("vm_extensions", ())]
        wanted += [
            {"vm_type": sized[0], "persistent_disk_type": one["name"]} for one in self.tree.get("disk_types", ())
        ]
        groups = [self._group(number, one, networks) for number, one in enumerate(wanted)]
        return yaml.safe_dump(
            {
                "name": "everything",
                "releases": [],
                "stemcells": [{"alias": "default", "os": "ubuntu-jammy", "version": "latest"}],
                "update": {
                    "canaries": 1,
                    "max_in_flight": 4,
                    "canary_watch_time": "1-1000",
                    "update_watch_time": "1-1000",
                },
                "instance_groups": groups,
            }
        )

    def _group(self, number: int, wanted: Mapping[str, Any], networks: list[Mapping[str, Any]]) -> Mapping[str, Any]:
        network = networks[number % len(networks)]
        azs = self.azs(network)
        return {
            "name": f"g{number}",
            "instances": 1,
            **({"azs": [azs[number % len(azs)]]} if azs else {}),
            "jobs": [],
            "stemcell": "default",
            "networks": [{"name": network["name"]}],
            **wanted,
        }


def read_all(cloud: str) -> tuple[PublicCloudConfig, ...]:
    """Those for a cloud, by name."""
    paths = sorted((FOLDER / cloud).glob("*.yml"))
    return tuple(PublicCloudConfig(path=path, tree=yaml.safe_load(path.read_text())) for path in paths)


def write_environment(folder: Path, config: PublicCloudConfig, plugin: str, properties: Mapping[str, Any]) -> Path:
    """An environment of its own networks, with the public file as it is; gives the manifest's path."""
    environment = {
        "name": ENVIRONMENT,
        "cloud": plugin,
        "properties": dict(properties),
        "cloud_config": str(config.path),
        "networks": {},
        "public_names": [],
        "jumpbox": "none",
        "preflight_limit_s": 200,
    }
    (folder / "environments").mkdir()
    file = folder / "environments" / f"{ENVIRONMENT}.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(environment))
    manifest = folder / "everything.yml"
    manifest.write_text(config.manifest())
    return manifest


def findings(folder: Path, manifest: Path) -> tuple[Finding, ...]:
    """What `doctor MANIFEST` says, or refuses to read."""
    with planted_files.opened(folder) as session:
        try:
            return planted_files.examined(session, manifest)
        except InputError as error:
            return (Finding.of(error),)
