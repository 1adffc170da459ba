"""How `up`, `down` and runs end, for people.

Takes report values, gives lines.
"""

import json
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from director.model import cloud_names
from director.model.report import DownReport, ErrandResult, Listing, RequestedDeletion, RunReport, UpReport
from director.report import bill_text, cleaning, cloud_text, time_words

_WIDTH = 80


def up_lines(report: UpReport) -> tuple[str, ...]:
    """Every line that was tried; one that failed says so."""
    return tuple(_up(report))


def down_lines(report: DownReport) -> tuple[str, ...]:
    """What was asked of the cloud, and that nothing is left."""
    return tuple(_down(report))


def run_line(report: RunReport) -> str:
    """One line: how the run ended, and how much it did."""
    number = sum(report.counts.values())
    done = f"{number} action{'' if number == 1 else 's'}"
    of = f" of '{report.deployment}'" if report.deployment else ""
    return f"Task {report.number}{of}: {report.state} in {report.took_s:.1f} s ({done})."


def errand_lines(result: ErrandResult) -> tuple[str, ...]:
    """What the errand said, and how it ended."""
    word = "succeeded" if result.exit_code == 0 else f"failed with exit code {result.exit_code}"
    streams = (
        (result.stdout, result.stdout_path, result.stdout_left_out),
        (result.stderr, result.stderr_path, result.stderr_left_out),
    )
    lines = [line for text, path, left_out in streams for line in _output_lines(text, path, left_out)]
    return (f"Errand '{result.errand}' on {result.instance} {word}.", *lines)


def _output_values(report: UpReport) -> Iterator[str]:
    """A template's outputs, secure ones by name alone."""
    width = max((len(one.name) for one in report.outputs), default=0)
    for one in report.outputs:
        text = one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False)
        shown = "(hidden)" if one.is_secure else " ".join(cleaning.clean_lines(text))
        yield f"  {one.name.ljust(width)}  {shown}"
    if report.outputs:
        yield ""


def _output_lines(text: str, path: str, left_out: int) -> Iterator[str]:
    if left_out:
        yield f"  ... {left_out} earlier bytes omitted; the whole output is in {path}"
    if text:
        yield from (f"  | {line}" for line in cleaning.clean_lines(text.removesuffix("\n")))
    if path and not left_out:
        yield f"  (also in {path})"


def _up(report: UpReport) -> Iterator[str]:
    width = max((len(line.name) for line in report.lines), default=0)
    yield from cloud_text.place_lines(report.environment, report.clouds) if report.clouds else ()
    yield ""
    yield from _output_values(report)
    for line in report.lines:
        value = shlex.quote(line.value) if line.is_path else line.value
        yield f"  {line.name.replace('_', ' ').ljust(width)}  {value}"
        if line.problem:
            yield f"  {' ' * width}  ^ check FAILED: {line.problem}"
    yield ""
    yield from bill_text.bill_lines(report.bill)
    tried = "All endpoints verified." if report.is_good else "Not all endpoints work: see the lines marked FAILED."
    yield f"Environment '{report.environment}' is up after {report.took_s:.1f} s. {tried}"


def _down(report: DownReport) -> Iterator[str]:
    for kind, count in Counter(item.kind for item in report.asked).items():
        names = ", ".join(_own_name(item) for item in report.asked if item.kind == kind)
        text = f"  asked to delete {count} {_spelled(kind, count)}: {names}"
        yield from textwrap.wrap(text, _WIDTH, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
    yield from (f"  still in the cloud: {_name(item)}" for item in report.left)
    where = (
        "recorded on another cloud, not looked for" if report.is_elsewhere else "recorded, but not found in the cloud"
    )
    where = "deleted by the clock on the jumpbox" if report.is_ended_by_jumpbox else where
    yield from (f"  {where}: {_name(item)}" for item in report.missing)
    yield f"Environment '{report.environment}': {_result(report)}"
    yield from _receipt(report.listings)
    for cloud in report.unasked:
        yield f"  {cloud} cannot list its resources: only the recorded ones were deleted there."


def _receipt(listings: Sequence[Listing]) -> Iterator[str]:
    """Each query that was made: the last one is the proof."""
    for one in listings:
        counts = ", ".join(f"{count} {_spelled(kind, count)}" for kind, count in one.counts.items())
        cloud = cloud_names.shown_name(one.cloud)
        of = f" by cloud '{cloud}'" if cloud else ""
        yield f"  listed{of} at {time_words.utc_text(one.at)}: {counts or 'no resources'}"


def _result(report: DownReport) -> str:
    if report.left:
        return f"{_counted(report.left)} left in the cloud. Run the same command again."
    if report.is_elsewhere:
        return f"records of {_counted(report.missing)} dropped; no cloud was queried, nothing was deleted."
    if report.is_ended_by_jumpbox:
        return "its jumpbox ended it; no resources left in the cloud."
    if report.missing:
        what = "dropped without being found in the cloud" if report.is_forgotten else "not found; all records are kept"
        return f"{_counted(report.missing, 'recorded ')} {what}."
    return "none of the recorded resources is left." if report.unasked else "no resources left in the cloud."


def _spelled(kind: str, count: int) -> str:
    return f"{'VM' if kind == 'vm' else kind}{'' if count == 1 else 's'}"


def _counted(items: Sequence[RequestedDeletion], kind: str = "") -> str:
    return f"{len(items)} {kind}resource{'' if len(items) == 1 else 's'}"


def _own_name(item: RequestedDeletion) -> str:
    """Without its kind, which the heading names once for all."""
    first, _, rest = item.name.partition(" ")
    return rest if rest and first.lower() == item.kind else item.name.replace("_", " ")


def _name(item: RequestedDeletion) -> str:
    return f"{item.kind} {item.name}"
