"""Every mistake a person can write: told whole, in our words, with its place; nothing is created."""

import json
from pathlib import Path

import pytest

from tests.support import bad_input
from tests.support.bad_input import BadInput
from tests.support.command import Compleat

CASES = bad_input.read_cases()


def test_there_are_many_cases_and_each_says_what_it_expects() -> None:
    silent = [case.name for case in CASES if not (bad_input.CASES / case.name / "expected.txt").is_file()]
    assert (len(CASES) > 80, silent) == (True, [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_and_nothing_is_created(case: BadInput, platform: Compleat, tmp_path: Path) -> None:
    before = (bad_input.digest_of_state(platform.home), bad_input.cloud_of(platform))
    tasks = bad_input.states_of_tasks(platform.home)
    ran = case.run(platform, tmp_path).ended(case.code)
    assert bad_input.reported(ran.err, platform, tmp_path) == case.expected
    assert (bad_input.digest_of_state(platform.home), bad_input.cloud_of(platform)) == before
    assert bad_input.states_of_tasks(platform.home) in (tasks, (*tasks, "error"))
    assert ran.out == "" or "--json" in case.words


def test_json_gives_one_document_with_all_problems(platform: Compleat, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "json-error")
    document = json.loads(case.run(platform, tmp_path).ended(3).out)
    assert (document["schema"], [(each["code"], each["where"]) for each in document["errors"]]) == (
        "compleat.error/1",
        [("wrong-type", "manifest.yml:21:3"), ("unknown-key", "manifest.yml:24:3")],
    )


def test_every_problem_says_what_why_and_what_to_do() -> None:
    """The lines of each problem: one that begins it, then its why and its fix."""
    poor = [case.name for case in CASES for problem in _problems(case.expected) if not _is_whole(problem)]
    assert poor == []


def _problems(text: str) -> list[list[str]]:
    pieces = [piece.splitlines() for piece in text.split("\n\n")]
    return [piece for piece in pieces if piece and not piece[0].endswith("problems, nothing was created:")]


def _is_whole(problem: list[str]) -> bool:
    return any(line.startswith("  why: ") for line in problem) and any(line.startswith("  fix: ") for line in problem)
