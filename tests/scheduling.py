"""Which tests one process runs, and which begin first, where several processes run a stage.

Takes a test's id, gives the unit it belongs to: its file as a rule, one test where a file's tests share nothing, or
several files that share what takes long to make. Units are begun in the order of the seconds they took once
(tests/seconds.json), the longest first, so that no process is left alone with one at the end of a stage.

xdist's own groups are put into a test's id, which pytest 9 does not let it change any more.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

SECONDS = Path(__file__).parent / "seconds.json"
RECORD = "COMPLEAT_SECONDS"
"""An environment variable: with it, the seconds that a stage took are kept in that file."""

PLATFORM = "tests/e2e, the platform"
TOGETHER: Mapping[str, str] = {
    "tests/e2e/test_bad_input.py": PLATFORM,
    "tests/e2e/test_console_browser.py": PLATFORM,
    "tests/e2e/test_docs.py::test_logs_are_followed_until_ctrl_c": PLATFORM,
    "tests/e2e/test_failing_runs.py": PLATFORM,
    "tests/e2e/test_json.py": PLATFORM,
    "tests/e2e/test_platform.py": PLATFORM,
}
"""Files, or single tests, that use one thing which is made once: the platform of tests/e2e/conftest.py."""

APART = {
    "tests/e2e/clouds/test_external.py",
    "tests/e2e/clouds/test_interrupted.py",
    "tests/e2e/test_azure_principal.py",
    "tests/e2e/test_bad_places.py",
    "tests/e2e/test_docs.py",
    "tests/e2e/test_updates.py::test_delete_deployment_leaves_its_disks_and_down_removes_them",
}
"""Files, or single tests, that share nothing with their fellows."""

BY_PARAMETER = {"tests/e2e/clouds/test_platform.py"}
"""Files whose tests share what their first parameter names."""


class UnitScheduling(LoadScopeScheduling):
    """The units in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What runs in one process with this test."""
    path = nodeid.partition("::")[0]
    test, _, parameters = nodeid.partition("[")
    for name in (test, path):
        if name in TOGETHER:
            return TOGETHER[name]
        if name in APART:
            return nodeid
    return f"{path}[{parameters.partition('-')[0].rstrip(']')}]" if path in BY_PARAMETER else path


def longest_first(items: list[pytest.Item]) -> None:
    """Order tests by their unit's seconds; a unit that nobody measured comes before all, as it may be long."""
    seconds: Mapping[str, float] = json.loads(SECONDS.read_text())
    longest = max(seconds.values(), default=0.0)
    items.sort(key=lambda item: -seconds.get(unit_of(item.nodeid), longest))


class Stopwatch:
    """The seconds of each unit, kept when all is over."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._took: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up, test and tear-down each."""
        unit = unit_of(report.nodeid)
        self._took[unit] = self._took.get(unit, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Units of other stages keep theirs."""
        before = json.loads(self._kept.read_text()) if self._kept.exists() else {}
        self._kept.write_text(_written({**before, **self._took}.items()))


def stopwatches() -> list[Stopwatch]:
    """One, where the seconds are to be kept."""
    return [Stopwatch(Path(os.environ[RECORD]))] if RECORD in os.environ else []


def _written(took: Iterable[tuple[str, float]]) -> str:
    return json.dumps({unit: round(seconds, 1) for unit, seconds in sorted(took)}, indent=1) + "\n"
