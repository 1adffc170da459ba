"""Each folder below tests/cases/resolve: documents that resolve as expected.yml says, or fail as problems.txt says."""

from pathlib import Path

import pytest
import yaml

from director.errors import InputError, Problems
from tests.unit.director.resolve.case_files import CASES, resolve_case, summary_of

GOOD = sorted(path.parent for path in CASES.glob("*/expected.yml"))
BAD = sorted(path.parent for path in CASES.glob("*/problems.txt"))


def test_there_are_cases_of_both_kinds() -> None:
    assert (len(GOOD) > 2, len(BAD) > 10) == (True, True)


def test_every_folder_says_what_it_expects() -> None:
    folders = {path for path in CASES.iterdir() if path.is_dir() and path.name != "base"}
    assert folders == {*GOOD, *BAD}


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_documents_resolve_as_the_case_says(case: Path) -> None:
    assert summary_of(resolve_case(case)) == yaml.safe_load((case / "expected.yml").read_text())


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_every_problem_is_told_as_the_case_says(case: Path) -> None:
    with pytest.raises(InputError) as raised:
        resolve_case(case)
    error = raised.value
    problems = error.problems if isinstance(error, Problems) else (error,)
    reported = [f"{each.where}: {each}\n  why: {each.why}\n  fix: {each.fix}\n" for each in problems]
    assert "".join(reported) == (case / "problems.txt").read_text()


def test_a_link_to_a_disk_of_another_group_is_a_remark_for_its_path_leads_nowhere() -> None:
    assert resolve_case(CASES / "named-disks").remarks == ()
    remark, *_ = resolve_case(CASES / "named-disks-elsewhere").remarks
    assert (remark.code, remark.where) == ("disk-link-elsewhere", "manifest-ops.yml:7:48")
