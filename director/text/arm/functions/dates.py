"""Functions on dates.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-date.md @05c11e58f26c.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

from director.text.arm.failures import ExpressionError
from director.text.arm.functions import date_formats
from director.text.arm.functions.function import FunctionArguments, by_name, fixed, ranged
from director.text.arm.values import Value, quoted

ISO = "yyyy-MM-ddTHH:mm:ssZ"
_SHORT = "G"
_DURATION = re.compile(
    r"(-)?P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?\Z"
)


def _date_time_add(arguments: FunctionArguments) -> Value:
    text = arguments.text(0)
    moment = _moment(arguments)
    form = arguments.text(2) if len(arguments) > 2 else ISO if "T" in text.upper() else _SHORT
    return date_formats.format_date(_later(moment, arguments), form)


def _later(moment: datetime, arguments: FunctionArguments) -> datetime:
    found = _DURATION.match(arguments.text(1))
    if not found or not any(found.groups()[1:]) or arguments.text(1).endswith("T"):
        raise arguments.error(
            f"expects a duration: '{quoted(arguments.any(1))}' is not a valid ISO8601 Duration string."
        )
    sign = -1 if found.group(1) else 1
    years, months, weeks, days, hours, minutes = (sign * int(part or 0) for part in found.groups()[1:7])
    seconds = sign * float(found.group(8) or 0)
    try:
        moved = _months_later(moment, 12 * years + months)
        return moved + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise ExpressionError("The resulting date is before the year 1, or after the year 9999.") from error


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last day."""
    year, month = divmod(12 * moment.year + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def _from_epoch(arguments: FunctionArguments) -> Value:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=arguments.integer(0))
    except OverflowError as error:
        raise ExpressionError("The resulting date is before the year 1, or after the year 9999.") from error
    return date_formats.format_date(moment, ISO)


def _to_epoch(arguments: FunctionArguments) -> Value:
    return int((_moment(arguments) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)


def _moment(arguments: FunctionArguments) -> datetime:
    text = arguments.text(0)
    try:
        moment = date_formats.read_date(text)
    except ValueError as error:
        raise arguments.error(
            f"expects a date in ISO 8601. The provided value is '{quoted(arguments.any(0))}'."
        ) from error
    return moment


FUNCTIONS = by_name(
    (
        ranged("dateTimeAdd", 2, 3, run=_date_time_add),
        fixed("dateTimeFromEpoch", 1, _from_epoch),
        fixed("dateTimeToEpoch", 1, _to_epoch),
    )
)
