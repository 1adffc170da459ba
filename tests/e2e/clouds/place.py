"""An emulated cloud to deploy to, seen from the outside.

Takes a Compleat, writes the environment's file: the one that ships for this cloud, pointed at the emulator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from cpi.contract.values import JsonValue
from tests.support.bodies.bodies import Bodies
from tests.support.command import ROOT, Compleat


def _refuse(ahead_s: float) -> None:
    raise AssertionError(f"this cloud's clock cannot be {ahead_s} s ahead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`plugin` names the cloud and the files that ship for it, `properties` lead to the emulator.

    `held` is every resource of the emulator; `lose` deletes a VM without a reason.
    `calls` are those it was sent so far, in order. `blobs` are the calls of its object storage that moved blobs, as
    "PUT NAME" and "GET NAME"; None: it has none here. `body_of` tells by which id bodies go for a VM's CID.
    `set_clock_ahead` lets the cloud's time be so many seconds later than this machine's.
    """

    plugin: str
    properties: Mapping[str, JsonValue]
    bodies: Bodies
    held: Callable[[], Sequence[str]]
    lose: Callable[[str], None]
    calls: Callable[[], Sequence[str]]
    body_of: Callable[[str], str] = str
    blobs: Callable[[], Sequence[str] | None] = tuple
    set_clock_ahead: Callable[[float], None] = _refuse


def write_environment(compleat: Compleat, place: Place) -> None:
    """Put the environment's file where the command looks for it; who may come in is as it ships."""
    assert not {"public_ports", "public_sources"} & place.properties.keys()
    shipped = ROOT / f"manifests/environments/{place.plugin}.yml"
    written = yaml.safe_load(shipped.read_text())
    written["name"] = compleat.environment
    written["properties"] = {**written.get("properties", {}), **place.properties}
    written["cloud_config"] = str((shipped.parent / written["cloud_config"]).resolve())
    write_document(compleat, compleat.environment, written)


def write_document(compleat: Compleat, name: str, document: Mapping[str, object]) -> None:
    """Put a document where the command looks for environments' files, for our eyes alone."""
    environments = compleat.home / "environments"
    environments.mkdir(mode=0o700, exist_ok=True)
    file = environments / f"{name}.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(dict(document)))
