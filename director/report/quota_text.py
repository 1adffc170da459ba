"""Limits of clouds: what a plan leaves of them, and what was asked of the cloud about one that is too low.

Takes quota needs, gives lines and JSON.
"""

import textwrap
from collections.abc import Iterator, Mapping

from cpi.contract.values import JsonValue, QuotaNeed
from director.model import cloud_names
from director.model.costs import QuotasLeft
from director.report import cleaning

_WIDTH = 80
_LONGEST = 2000
_SHOWN = 4
"""So many limits of a cloud are shown; JSON has all."""
_NO_UNIT = "Count"
"""What Azure says where it counts things."""


def quota_lines(need: QuotaNeed | None, request: str) -> Iterator[str]:
    """The numbers; then what was filed or is to be sent, or how to have it filed."""
    if need is None:
        return
    yield f"  quota: {describe_need(need)}"
    if request:
        yield f"  request: {request}"
    else:
        yield "  ask: add `--request-quota` to the same command; `--wait-for-quota MINUTES` waits for the grant."


def left_lines(quotas: QuotasLeft) -> tuple[str, ...]:
    """What plans leave of the clouds' limits at their peak, the tightest first, in lines of 80 columns."""
    lines = []
    for cloud, needs in sorted(quotas.items()):
        of = f" of {cloud_names.shown_name(cloud)}" if cloud_names.shown_name(cloud) else ""
        tightest = sorted(needs, key=_share_left)
        more = f"; {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else ""
        words = "; ".join(map(_left_words, tightest[:_SHOWN])) or "no limit known"
        lines += textwrap.wrap(
            cleaning.clean_line(f"Quota left{of}: {words}{more}.", longest=_LONGEST), _WIDTH, subsequent_indent="    "
        )
    return tuple(lines)


def left_json(quotas: QuotasLeft) -> Mapping[str, JsonValue]:
    """The same by cloud: each limit, what is used now, and what is left."""
    return {
        cloud: [
            {
                "name": need.name,
                "region": need.region,
                "unit": need.unit,
                "limit": need.limit,
                "used": need.used,
                "left": need.limit - need.needed,
            }
            for need in needs
        ]
        for cloud, needs in quotas.items()
    }


def describe_need(need: QuotaNeed) -> str:
    """ "standardDSv3Family in westeurope: 8 of 10 CPUs used, a limit of 24 needed"."""
    place = f" in {need.region}" if need.region else ""
    return f"{need.name}{place}: {need.used} of {need.limit} {need.unit} used, a limit of {need.needed} needed"


def request_text(need: QuotaNeed) -> str:
    """What a person sends where no program may."""
    place = f" in {need.region}" if need.region else ""
    return f"submit it by hand: please raise {need.name}{place} from {need.limit} to {need.needed} {need.unit}"


def _left_words(need: QuotaNeed) -> str:
    """ "22 of 32 vCPUs (running on-demand standard instances)"; what is counted without a unit by its name."""
    about = need.name if need.unit == _NO_UNIT else f"{need.unit} ({need.label})"
    return f"{need.limit - need.needed} of {need.limit} {about}"


def _share_left(need: QuotaNeed) -> float:
    return (need.limit - need.needed) / max(1, need.limit)
