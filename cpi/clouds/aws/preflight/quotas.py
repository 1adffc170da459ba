"""AWS's limits: which one counts an instance type, what is used of it, and whether a plan fits. Pure but for one read.

Takes instance types and counts, gives findings with what to ask for.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import DeniedError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit import judge as kit_judge

VPCS = "L-F678F1CE"
ADDRESSES = "L-0263D0A3"
NATS = "L-FE5A380F"
VOLUMES = {
    "gp2": "L-D18FCD1D",
    "gp3": "L-7A658B76",
    "io1": "L-FD252861",
    "io2": "L-09BD8365",
    "sc1": "L-17AF77E8",
    "st1": "L-82ACEF56",
    "standard": "L-9CF3C2EB",
}
"""The limits on storage in TiB, by the type of the volumes. Source: AWS General Reference, EBS endpoints and quotas."""
IOPS = {"io1": "L-B3A130E6", "io2": "L-8D977E7E"}
"""The limits on IOPS of the types that are paid for them; of all others none counts."""
_STANDARD, _STANDARD_SPOT = "L-1216C47A", "L-34B43A08"

_ONDEMAND = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "m", "r", "t", "z"), _STANDARD),
    **dict.fromkeys(("g", "vt"), "L-DB2E81BA"),
    "p": "L-417A185B",
    "x": "L-7295265B",
    "f": "L-74FC7D96",
    "inf": "L-1945791B",
    "trn": "L-2C3B7624",
    "dl": "L-6E869C2A",
    "hpc": "L-F7808C92",
    "u": "L-43DA4232",
}
_SPOT = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "m", "r", "t", "z"), _STANDARD_SPOT),
    **dict.fromkeys(("g", "vt"), "L-3819A6DF"),
    "p": "L-7212CCBC",
    "x": "L-E3A00192",
    "f": "L-88CF9481",
    "inf": "L-B5D1601B",
}

_NAMES = {
    _STANDARD: "running on-demand standard instances",
    _STANDARD_SPOT: "standard spot instances",
    VPCS: "VPCs",
    ADDRESSES: "Elastic IPs",
    NATS: "NAT gateways in an availability zone",
    **{code: f"storage of {kind} volumes" for kind, code in VOLUMES.items()},
    **{code: f"IOPS of {kind} volumes" for kind, code in IOPS.items()},
}

_GIB_OF_TIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUse:
    """How much of a limit is used by what stays, and how much a plan adds: `names` as in the kit's Limit."""

    code: str
    unit: str
    used: int
    asked: int
    names: tuple[str, ...] = ()


def vcpu_code(instance_type: str, *, is_spot: bool) -> str:
    """The limit that counts an instance type's vCPUs, "" for families we do not know."""
    letters = re.match(r"[a-z]+", instance_type)
    family = letters[0] if letters else ""
    table = _SPOT if is_spot else _ONDEMAND
    if family.startswith("u-") or instance_type.startswith("u-"):
        return table.get("u", "")
    for word in (family, family[:3], family[:2], family[:1]):
        if word in table:
            return table[word]
    return ""


def service_of(code: str) -> str:
    """The service a limit belongs to."""
    if code in {*VOLUMES.values(), *IOPS.values()}:
        return "ebs"
    return "vpc" if code in (VPCS, NATS) else "ec2"


def load_limit(api: Api, code: str) -> int | None:
    """The limit now; None when AWS does not tell us."""
    try:
        answer = api.read("service-quotas", "GetServiceQuota", ServiceCode=service_of(code), QuotaCode=code)
    except (NotFoundError, DeniedError):
        return None
    return int(answer["Quota"]["Value"])


def check(api: Api, load: QuotaUse) -> Iterator[Finding]:
    """Whether a plan fits under a limit as it is now."""
    yield from judge(load, load_limit(api, load.code), api.region)


def check_gib(api: Api, load: QuotaUse) -> Iterator[Finding]:
    """The same, of a load in GiB and a limit in TiB: together it is rounded up to whole TiB, what is used down."""
    needed = -(-(load.used + load.asked) // _GIB_OF_TIB)
    used = load.used // _GIB_OF_TIB
    yield from check(api, replace(load, used=used, asked=needed - used))


def judge(load: QuotaUse, limit: int | None, region: str) -> Iterator[Finding]:
    """Whether a plan fits under a limit; None: AWS does not tell it."""
    name = _NAMES.get(load.code, f"instances under limit {load.code}")
    if limit is None:
        yield Finding(
            code="quota-unknown",
            what=f"The quota for {name} is unknown.",
            why="This user may not read it (servicequotas:GetServiceQuota).",
            fix="No action needed; allow the call to have quotas checked in preflight.",
            is_fatal=False,
        )
        return
    fix = (
        "`compleat doctor --request-quota` requests it, or: aws service-quotas request-service-quota-increase "
        f"--service-code {service_of(load.code)} --quota-code {load.code} --desired-value {{needed}} --region {region}"
    )
    about = kit_judge.Limit(
        name=load.code,
        label=name,
        unit=load.unit,
        used=load.used,
        limit=limit,
        asked=load.asked,
        fix=fix,
        written_names=load.names,
    )
    yield from kit_judge.limit(about, region=region)
    yield from kit_judge.limit_left(about, region=region)
