"""Names that a plan uses and a cloud does not have, or that somebody else has there. Pure.

Takes a name and the names that there are, gives findings and errors with the nearest.
"""

import difflib
from collections.abc import Collection, Iterable

from cpi.contract.errors import ConflictError, NotFoundError
from cpi.contract.values import Finding

_FEW = 12
"""The number of existing names that a finding lists."""


def unknown_name(kind: str, name: str, known: Iterable[str], *, where: str, setting: str) -> Finding:
    """A name that the cloud does not have, with the nearest that it has. `setting` is what names it."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return Finding(
        code=f"unknown-{kind.replace(' ', '-')}",
        what=f"{where} has no {kind} '{name}'.",
        why=listed(names) if names else "It lists none with that name.",
        fix=f"Write '{near[0]}'." if near else f"Correct {setting} in the cloud config or the environment's file.",
        written_names=(name,),
    )


def require_known(kind: str, name: str, known: Collection[str], *, where: str, setting: str) -> None:
    """Raises NotFoundError with what `unknown_name` says, unless the name is known."""
    if name not in known:
        raise missing(unknown_name(kind, name, known, where=where, setting=setting))


def missing(found: Finding, *, why: str = "") -> NotFoundError:
    """An unknown name as the error that using it ends in; `why` is the cloud's own answer, "" without one."""
    error = NotFoundError(found.code, found.what, why=why or found.why, fix=found.fix)
    error.written_names = found.written_names
    return error


def unknown_stemcell(cid: str, *, cloud: str) -> NotFoundError:
    """A stemcell whose image is gone, or a CID that is none of this cloud's."""
    return NotFoundError(
        "unknown-stemcell",
        f"{cloud} has no stemcell '{cid}'.",
        why="Its image was deleted, or this is not a stemcell's CID.",
        fix="Run `compleat up` again: it creates the stemcell again.",
    )


def unknown_public_address(address: str, known: Iterable[str], *, cloud: str) -> NotFoundError:
    """A public address that the environment does not have."""
    error = NotFoundError(
        "unknown-public-address",
        f"{cloud} has no public address {address} for this environment.",
        why=listed(sorted(known)),
        fix="Use an address of the landing zone, such as ((jumpbox_public_ip)): `public_names` reserves them.",
    )
    error.written_names = (address,)
    return error


def name_taken(kind: str, name: str, *, why: str, fix: str = "") -> ConflictError:
    """A name of the landing zone that somebody else has."""
    return ConflictError(
        "name-taken",
        f"A {kind} '{name}' exists already and does not belong to this environment.",
        why=why,
        fix=fix or f"Rename the environment, or delete the {kind} if it is yours.",
    )


def dns_name_taken(name: str, *, why: str) -> ConflictError:
    """A DNS name that somebody else has."""
    return ConflictError(
        "dns-name-taken",
        f"The name {name} is taken.",
        why=why,
        fix="Choose another name in dns_names in the environment's file.",
    )


def listed(names: Collection[str]) -> str:
    """What there is, a few of many."""
    shown = [*list(names)[:_FEW], *(["..."] if len(names) > _FEW else [])]
    return f"It has {', '.join(shown) or 'none'}."
