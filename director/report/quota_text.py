"""A limit that is too low, and what was asked of the cloud about it.

Takes quota needs, gives lines.
"""

from collections.abc import Iterator

from cpi.contract.values import QuotaNeed


def quota_lines(need: QuotaNeed | None, request: str) -> Iterator[str]:
    """The numbers; then what was filed or is to be sent, or how to have it filed."""
    if need is None:
        return
    yield f"  quota: {describe_need(need)}"
    if request:
        yield f"  request: {request}"
    else:
        yield "  ask: add `--request-quota` to the same command; `--wait-for-quota MINUTES` waits for the grant."


def describe_need(need: QuotaNeed) -> str:
    """ "standardDSv3Family in westeurope: 8 of 10 CPUs used, a limit of 24 needed"."""
    place = f" in {need.region}" if need.region else ""
    return f"{need.name}{place}: {need.used} of {need.limit} {need.unit} used, a limit of {need.needed} needed"


def request_text(need: QuotaNeed) -> str:
    """What a person sends where no program may."""
    place = f" in {need.region}" if need.region else ""
    return f"submit it by hand: please raise {need.name}{place} from {need.limit} to {need.needed} {need.unit}"
