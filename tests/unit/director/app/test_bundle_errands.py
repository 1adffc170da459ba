"""`up` runs a bundle's errand again when something has changed since its last success, and not otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.use_cases import bundle_errands
from director.app.use_cases import errand as errands
from director.errors import ActionFailedError
from director.model.releases.release import TemplateFile
from director.model.tasks.events import Happening
from director.plan.request import ErrandRequest
from tests.support import wants
from tests.support.callers import calling
from tests.support.rotations import RotationLab
from tests.support.simulation import Simulation

_UP = calling("up")


@pytest.fixture
def lab(tmp_path: Path) -> RotationLab:
    """Two web servers whose job has an errand."""
    lab = RotationLab(Simulation(), tmp_path)
    script = TemplateFile(source="run.sh", destination="bin/run", content=b"exit 0")
    (job,) = lab.release.jobs
    lab.release = replace(lab.release, jobs=(replace(job, templates=(*job.templates, script)),))
    lab.deploy()
    return lab


def _ran(lab: RotationLab) -> int:
    """How many instances `up` runs it on."""
    before = _count(lab)
    bundle_errands.run_errand(lab.session(), "app", errand="web", caller=_UP)
    return _count(lab) - before


def _count(lab: RotationLab) -> int:
    return len(lab.session().world.journal.read_done(wants.ENVIRONMENT, "run_errand"))


def test_an_errand_is_not_run_again_while_nothing_has_changed(lab: RotationLab) -> None:
    assert [_ran(lab), _ran(lab)] == [2, 0]
    remarks = [event for event in lab.simulation.watcher.events if event.happening is Happening.REMARK]
    assert (remarks[-1].kind, remarks[-1].subject) == ("errand-up-to-date", "app")
    assert remarks[-1].text.startswith("Errand 'web' not run: nothing has changed since it succeeded at 19")


def test_an_errand_runs_after_a_change_of_any_deployment(lab: RotationLab) -> None:
    _ran(lab)
    lab.deploy(instances=3)
    assert [_ran(lab), _ran(lab)] == [3, 0]
    lab.deploy("jumpbox", instances=2)
    assert [_ran(lab), _ran(lab)] == [3, 0]


def test_an_errand_that_failed_runs_again(lab: RotationLab) -> None:
    _ran(lab)
    lab.simulation.agents.conditions.errand_code = 1
    request = ErrandRequest(name="web")
    errands.run_errand(lab.session(), "app", errand=request, caller=_UP)
    with pytest.raises(ActionFailedError) as caught:
        _ran(lab)
    assert caught.value.code == "errand-failed"
    lab.simulation.agents.conditions.errand_code = 0
    assert [_ran(lab), _ran(lab)] == [2, 0]
