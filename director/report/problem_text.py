"""The problems of a deployment, their resolutions, and the question which one to take.

Takes problems, gives lines of 80 columns and JSON.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.counting import count_text
from director.model.environments.cloud_problem import ChosenResolution, CloudProblem, Resolution

_WIDTH = 80
_WORDS: Mapping[Resolution, str] = {
    Resolution.IGNORE: "Skip for now",
    Resolution.RECREATE_VM_WITHOUT_WAIT: "Recreate VM without waiting for processes to start",
    Resolution.RECREATE_VM: "Recreate VM and wait for processes to start",
    Resolution.REBOOT_VM: "Reboot VM",
    Resolution.DELETE_VM: "Delete VM",
    Resolution.DELETE_VM_REFERENCE: "Delete VM reference",
    Resolution.FINISH_UPDATE: "Update it to the manifest deployed last",
    Resolution.DELETE_DISK_REFERENCE: "Delete disk reference (its data are lost)",
    Resolution.DELETE_DISK: "Delete disk",
    Resolution.ACTIVATE_DISK: "Activate disk; the other one is orphaned",
    Resolution.REATTACH_DISK: "Reattach disk; jobs are restarted",
    Resolution.REATTACH_DISK_AND_REBOOT: "Reboot VM, then reattach disk",
}


def problem_lines(deployment: str, problems: Sequence[CloudProblem]) -> tuple[str, ...]:
    """The problems, numbered, or that there are none."""
    count = count_text(len(problems), "problem") if problems else "no problems"
    rows = _numbered([(one.type.value, one.description) for one in problems])
    return (f"Deployment '{deployment}': {count}.", *rows)


def choice_lines(number: int, problem: CloudProblem) -> tuple[str, ...]:
    """A problem and what can be done about it, numbered."""
    width = max(len(each.value) for each in problem.resolutions)
    choices = (
        f"  {at} {each.value.ljust(width)}  {_WORDS[each]}" for at, each in enumerate(problem.resolutions, start=1)
    )
    about = _row(f"{number}. {problem.type.value}  ", problem.description)
    return ("", *about, *choices)


def read_choice(problem: CloudProblem, answer: str) -> Resolution | None:
    """The resolution of that number or name, the automatic one for no answer; None for anything else."""
    word = answer.strip()
    if not word:
        return problem.auto
    by_word = {str(at): each for at, each in enumerate(problem.resolutions, start=1)}
    return {**by_word, **{each.value: each for each in problem.resolutions}}.get(word)


def chosen_lines(chosen: Sequence[ChosenResolution]) -> tuple[str, ...]:
    """What is done about each problem."""
    return tuple(_numbered([(each.resolution.value, each.problem.description) for each in chosen]))


def problem_rows(chosen: Iterable[tuple[CloudProblem, Resolution | None]]) -> list[JsonValue]:
    """Each problem whole, with the resolution that was chosen."""
    return [
        {
            "type": problem.type.value,
            "instance": problem.name,
            "vm_cid": problem.vm_cid,
            "disk_cid": problem.disk_cid,
            "description": problem.description,
            "resolutions": [each.value for each in problem.resolutions],
            "auto": problem.auto.value,
            "resolution": resolution.value if resolution else None,
        }
        for problem, resolution in chosen
    ]


def _numbered(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(word) for word, _ in rows), default=0)
    for number, (word, description) in enumerate(rows, start=1):
        yield from _row(f"{number:>3}  {word.ljust(width)}  ", description)


def _row(first: str, text: str) -> Iterator[str]:
    """The text in 80 columns behind what stands first."""
    lines = textwrap.wrap(text, _WIDTH - len(first), break_long_words=False, break_on_hyphens=False)
    for at, line in enumerate(lines):
        yield f"{first if at == 0 else ' ' * len(first)}{line}"
