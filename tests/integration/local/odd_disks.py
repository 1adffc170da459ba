"""Use the local cloud on a disk with a flaw: `python -m tests.integration.local.odd_disks PLACE OPTIONS SCENARIO`.

Mounts a tmpfs on PLACE in a mount namespace of this process's own, so the machine does not change; prints JSON.
"""

import contextlib
import json
import sys
from pathlib import Path

from cpi.clouds.local.inside.system import sysc
from cpi.contract.errors import CloudError
from cpi.contract.values import PreflightRequest
from tests.integration.local.yard import Yard


def main(place: str, flags: str, scenario: str) -> None:
    """Run one scenario of this file by its name."""
    sysc.unshare(sysc.NEWNS)
    sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_PRIVATE)
    if flags == "noexec":
        sysc.mount("odd", place, kind="tmpfs", flags=sysc.MS_NOEXEC, options="mode=755")
    else:
        sysc.mount("odd", place, kind="tmpfs", options=f"mode=755,{flags}")
    yard = Yard(place=Path(place))
    try:
        print(json.dumps({"noexec": _noexec, "full": _full}[scenario](yard)))  # noqa: T201
    finally:
        (yard.place / "filler").unlink(missing_ok=True)
        yard.down()


def _noexec(yard: Yard) -> list[str]:
    assert yard.connected.preflight is not None
    findings = yard.connected.preflight.preflight(PreflightRequest())
    return [finding.code for finding in findings if finding.is_fatal] + [_code_of_landing(yard)]


def _code_of_landing(yard: Yard) -> str:
    try:
        yard.land()
    except CloudError as error:
        return error.code
    return "landed"


def _full(yard: Yard) -> list[str]:
    """Land, fill the disk, be refused, free space, continue."""
    yard.land("jumpbox")
    request = yard.request("jumpbox", "10.0.0.5", vip="203.0.113.1")
    with contextlib.suppress(OSError), open(yard.place / "filler", "wb") as file:
        while file.write(bytes(4096)):
            file.flush()
    reported = []
    try:
        yard.connected.cloud.create_vm(request)
    except CloudError as error:
        reported.append(error.code)
    reported.append(f"{len(yard.vms())} VMs")
    (yard.place / "filler").unlink()
    yard.connected.cloud.create_vm(request)
    return [*reported, f"{len(yard.vms())} VMs"]


if __name__ == "__main__":
    main(*sys.argv[1:])
