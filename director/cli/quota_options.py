"""The options about limits that are too low, which `up`, `deploy` and `doctor` share.

Takes a command function, gives it with the options added, and reads what they were given.
"""

from collections.abc import Callable

import click

from director.app.checks.preflight import QuotaOptions

_OPTIONS = (
    click.option("--request-quota", is_flag=True, help="Ask the cloud to raise limits that are too low."),
    click.option(
        "--wait-for-quota",
        type=click.FloatRange(min=0),
        default=0,
        metavar="MINUTES",
        help="Continue when the limits are raised; wait at most this long.",
    ),
)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Add --request-quota and --wait-for-quota."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read(*, request_quota: object, wait_for_quota: object) -> QuotaOptions:
    """What they say."""
    minutes = wait_for_quota if isinstance(wait_for_quota, int | float) else 0
    return QuotaOptions(is_requesting=bool(request_quota), wait_s=minutes * 60)
