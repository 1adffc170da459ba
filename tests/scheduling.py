"""The units of tests that several processes share out, and their order.

Takes a test's id, gives its unit: as a rule its file, one test where the tests of a file share nothing, or several
files that use one costly fixture. Units begin in the order of their recorded seconds (tests/seconds.json), the longest
first, so that no process is left alone with a long one at the end of a stage.

pytest-xdist 3 has groups of its own, but it writes them into the ids of tests, and pytest 9 ignores that.

Where processes share nothing (tests/parts.py), whole files are shared out before any of them is collected.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

SECONDS = Path(__file__).parent / "seconds.json"
RECORD = "COMPLEAT_SECONDS"
"""An environment variable that names a file: the seconds of each unit are recorded there."""

PLATFORM = "tests/e2e: the platform"
TOGETHER: Mapping[str, str] = {
    "tests/e2e/test_bad_input.py": PLATFORM,
    "tests/e2e/test_bundles.py": PLATFORM,
    "tests/e2e/test_compiled_releases.py": PLATFORM,
    "tests/e2e/test_console_browser.py": PLATFORM,
    "tests/e2e/test_docs.py::test_logs_are_followed_until_ctrl_c": PLATFORM,
    "tests/e2e/test_failing_runs.py": PLATFORM,
    "tests/e2e/test_json.py": PLATFORM,
    "tests/e2e/test_named_disks.py": PLATFORM,
    "tests/e2e/test_page_browser.py": PLATFORM,
    "tests/e2e/test_platform.py": PLATFORM,
    "tests/e2e/test_reloads.py": PLATFORM,
    "tests/e2e/test_uploaded_stemcells.py": PLATFORM,
}
"""Files and single tests that use the platform of tests/e2e/conftest.py, and the name of their unit."""

APART = {
    "tests/e2e/clouds/test_external.py",
    "tests/e2e/clouds/test_inside.py",
    "tests/e2e/clouds/test_interrupted.py",
    "tests/e2e/clouds/test_newcomer.py",
    "tests/e2e/clouds/test_templates.py",
    "tests/e2e/test_azure_principal.py",
    "tests/e2e/test_bad_places.py",
    "tests/e2e/test_docs.py",
    "tests/e2e/test_updates.py::test_delete_deployment_leaves_its_disks_and_down_removes_them",
}
"""Files and single tests of which each test is a unit."""

_SHORT = 0.05
"""Seconds of a file of which none are recorded: those of the shortest are not."""

BY_PARAMETER = {"tests/e2e/clouds/test_platform.py", "tests/e2e/test_public_releases.py"}
"""Files of which each first parameter is a unit."""


class UnitScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Units are handed out in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


class Stopwatch:
    """Records the seconds of each unit; units of other stages keep theirs."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._took: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Setup, call and teardown of a test."""
        unit = unit_of(report.nodeid)
        self._took[unit] = self._took.get(unit, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        before = json.loads(self._kept.read_text()) if self._kept.exists() else {}
        took = {**before, **{unit: round(seconds, 1) for unit, seconds in self._took.items()}}
        self._kept.write_text(json.dumps(took, indent=1, sort_keys=True) + "\n")


def unit_of(nodeid: str) -> str:
    """The unit of a test."""
    path = nodeid.partition("::")[0]
    test, _, parameters = nodeid.partition("[")
    for name in (test, path):
        if name in TOGETHER:
            return TOGETHER[name]
        if name in APART:
            return nodeid
    return f"{path}[{parameters.rstrip(']').partition('-')[0]}]" if path in BY_PARAMETER else path


def share_out(files: Iterable[str], parts: int) -> list[set[str]]:
    """Files in that many parts of about the same recorded seconds; a file without them counts as a short one."""
    seconds: Mapping[str, float] = json.loads(SECONDS.read_text())
    shares: list[set[str]] = [set() for _ in range(parts)]
    load = [0.0] * parts
    for file in sorted(files, key=lambda file: (-seconds.get(file, _SHORT), file)):
        least = load.index(min(load))
        shares[least].add(file)
        load[least] += seconds.get(file, _SHORT)
    return shares


def sort_longest_first(items: list[pytest.Item]) -> None:
    """By the recorded seconds; a unit without them comes first if it has the marker `slow`, and otherwise last."""
    seconds: Mapping[str, float] = json.loads(SECONDS.read_text())
    longest = max(seconds.values(), default=1.0)
    slow = {unit_of(item.nodeid) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: -seconds.get(unit := unit_of(item.nodeid), longest if unit in slow else 0.0))


def stopwatches() -> tuple[Stopwatch, ...]:
    """One if the seconds are to be recorded."""
    return (Stopwatch(Path(os.environ[RECORD])),) if RECORD in os.environ else ()
