"""A plugin that breaks beside the main thread: told at once as a bug, with a report; never silence, never a hang."""

from contextlib import closing
from pathlib import Path

import pytest

from director.edge.state.sql_journal import SqlJournal
from director.model.ids import EnvironmentName
from director.model.tasks.task import TaskState
from tests.support import homes
from tests.support.command import ROOT, Compleat, Ran

ENVIRONMENT = f"""name: lab
cloud: brittle
cloud_config: {ROOT}/manifests/cloud-configs/local.yml
networks: {{default: 10.0.0.0/16}}
public_names: [jumpbox, console]
"""

PLUGIN = """
from dataclasses import replace
from cpi.clouds.memory.plugin import PLUGIN as MEMORY

class Preflight:
    def preflight(self, request):
        raise ValueError("hunter2")

class Landing:
    def __init__(self, real):
        self.real = real
    def __getattr__(self, name):
        return getattr(self.real, name)
    def create_landing_resource(self, resource, owner):
        raise OverflowError("hunter2")

class Plugin:
    name = "PLACE"
    def connect(self, settings):
        cloud = MEMORY.connect(settings)
        if "PLACE" == "preflight":
            return replace(cloud, preflight=Preflight())
        return replace(cloud, landing=Landing(cloud.landing))

PLUGIN = Plugin()
"""


@pytest.fixture
def compleat(tmp_path: Path, request: pytest.FixtureRequest) -> Compleat:
    """An environment on a cloud whose plugin breaks in the place that the test names."""
    place = str(request.param)
    installed = tmp_path / "site" / "brittle-1.dist-info"
    installed.mkdir(parents=True)
    (tmp_path / "site" / "brittle.py").write_text(PLUGIN.replace("PLACE", place))
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: brittle\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[compleat.clouds]\nbrittle = brittle:PLUGIN\n")
    (tmp_path / "home" / "environments").mkdir(parents=True)
    (tmp_path / "home" / "environments" / "lab.yml").write_text(ENVIRONMENT)
    return Compleat(home=tmp_path / "home", environment="lab", path=(str(tmp_path / "site"),))


@pytest.mark.parametrize("compleat", ["preflight"], indirect=True)
def test_a_preflight_that_breaks_is_a_bug_with_a_report_and_no_silence(compleat: Compleat) -> None:
    ran = compleat.run("doctor", timeout_s=30).ended(1)
    _assert_reported(ran, compleat, kind="ValueError")
    assert "did not answer" not in ran.err


@pytest.mark.parametrize("compleat", ["landing"], indirect=True)
def test_a_step_that_breaks_fails_its_run_which_is_settled_and_reported(compleat: Compleat) -> None:
    ran = compleat.run("up", "-n", timeout_s=30).ended(1)
    _assert_reported(ran, compleat, kind="OverflowError")
    with closing(homes.open_database(compleat.home)) as database:
        journal = SqlJournal(database)
        (run,) = journal.list_runs(EnvironmentName("lab"))
        broken = [entry for entry in journal.read_entries(run.id) if "OverflowError" in str(entry)]
    assert (run.state, len(broken)) == (TaskState.ERROR, 1)


def _assert_reported(ran: Ran, compleat: Compleat, *, kind: str) -> None:
    (report,) = (compleat.home / "bugs").iterdir()
    assert (kind in ran.err, str(report) in ran.err, "hunter2" in ran.err) == (True, True, False)
    text = report.read_text()
    assert ("Traceback" in text, "brittle.py" in text) == (True, True)
