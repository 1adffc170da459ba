"""The networks that a CPI created, as files: BOSH's protocol cannot find a network again.

Takes networks, gives them back by name. A file is written before the call without a CID, and after it with one.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, OwnerKey
from cpi.kit import private_folders, tags


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedNetwork:
    """`cid` is "" while the call that creates it has no answer. `cloud_properties` are the CPI's, for VMs on it."""

    name: str
    owner: OwnerKey
    cidr: str
    gateway: str
    cid: str = ""
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)


class NetworkRecords:
    """One file for each, below `folder`, which is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """The file of a network; names are letters, digits, `.`, `-` and `_`."""
        return self._folder / f"{name}.json"

    def find(self, name: str) -> CreatedNetwork | None:
        """None: none was begun. Raises CloudError, code cpi-network-record-damaged."""
        path = self.path(name)
        try:
            written = json.loads(path.read_bytes())
            owner = tags.read_owner(written.pop("owner"))
            if owner is None:
                raise ValueError("no owner")
            return CreatedNetwork(owner=owner, **written)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CloudError(
                "cpi-network-record-damaged",
                f"The record of network '{name}' in {path} cannot be read.",
                why=f"{error}".strip() + ".",
                fix="Put the file back from a backup, or delete the network in the cloud and then the file.",
            ) from error

    def list_all(self) -> tuple[CreatedNetwork, ...]:
        """By name. Raises what `find` raises."""
        names = sorted(path.stem for path in self._folder.glob("*.json"))
        return tuple(found for name in names if (found := self.find(name)) is not None)

    def save(self, network: CreatedNetwork) -> None:
        """Write it whole. Raises CloudError, code cpi-network-record-unwritable."""
        about = {name: getattr(network, name) for name in ("name", "cidr", "gateway", "cid")}
        document = {
            **about,
            "owner": tags.tags_of(network.owner),
            "cloud_properties": dict(network.cloud_properties),
        }
        path = self.path(network.name)
        try:
            private_folders.make_private(self._folder)
            _write(path, json.dumps(document))
        except OSError as error:
            raise CloudError(
                "cpi-network-record-unwritable",
                f"The record of network '{network.name}' in {path} cannot be written.",
                why=f"{error.strerror}.",
                fix="Free some space, or correct the owner of that folder, then run the command again.",
            ) from error

    def remove(self, name: str) -> None:
        """After: none."""
        self.path(name).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
