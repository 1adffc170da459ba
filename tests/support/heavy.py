"""Heavy stemcells in tests: requests, and the continuation of an interrupted upload.

Takes a connected cloud and requests, gives stemcells.
"""

from dataclasses import replace
from pathlib import Path

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, Retry
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundStemcell, OwnerKey, OwnerQuery, StemcellCid, StemcellRequest

OS, VERSION = "own", "1.2"
_MOST_TRIES = 6


def request_of(environment: str, path: Path, *, action: str = "s1") -> StemcellRequest:
    """An upload of that disk."""
    owner = OwnerKey(environment=environment, deployment=ENVIRONMENT_ITSELF, action=action)
    return StemcellRequest(owner=owner, os=OS, version=VERSION, image_path=str(path))


def by(request: StemcellRequest, action: str) -> StemcellRequest:
    """The same, asked by another action."""
    return replace(request, owner=replace(request.owner, action=action))


def found(connected: ConnectedCloud, environment: str) -> list[FoundStemcell]:
    """Those that were sent, whole or not."""
    assert connected.finder is not None
    return [one for one in connected.finder.find_stemcells(OwnerQuery(environment=environment)) if one.os == OS]


def whole(cid: StemcellCid, owner: OwnerKey) -> FoundStemcell:
    """How one that was sent to the end is found."""
    return FoundStemcell(cid=cid, owner=owner, os=OS, version=VERSION, architecture="x86_64", is_whole=True)


def finish(connected: ConnectedCloud, request: StemcellRequest, *, is_reborn: bool) -> StemcellCid:
    """Repeat the request while a retry is safe; or, as a new director, adopt a complete image, else begin again."""
    for number in range(_MOST_TRIES):
        try:
            return connected.cloud.create_stemcell(request)
        except CloudError as error:
            assert error.retry is not Retry.NEVER, error
        mine = [one for one in found(connected, request.owner.environment) if one.owner == request.owner]
        if any(one.is_whole for one in mine):
            return mine[0].cid
        if is_reborn:
            request = by(request, f"{request.owner.action}-{number}")
    raise AssertionError("it did not converge")
