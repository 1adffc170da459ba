"""Former values are accepted beside the new ones until a rotation ends, then tried where they were accepted."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director.actions.make_secret import MakeSecret
from director.model import retired_secrets
from director.model.releases.release import TemplateFile
from director.model.tasks.stored_plan import PlanOptions
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.rotations import CA, TLS, TOKEN, VARIABLES, RotationLab
from tests.support.simulation import Simulation

_PREVIOUS = "/test/app/token_previous"
_DEFINITIONS = VARIABLES + "- {name: token_previous, type: password, options: {previous_of: token}}\n"
_SECRETS = "{word: ((token)), text: at ((token)), tls: {ca: ((tls.ca)), key: ((tls.private_key))}}"


@pytest.fixture
def lab(tmp_path: Path) -> RotationLab:
    return _made(tmp_path)


def _made(folder: Path) -> RotationLab:
    """Its job has a script that tries former values."""
    folder.mkdir(exist_ok=True)
    lab = RotationLab(Simulation(), folder, definitions=_DEFINITIONS, secrets=_SECRETS)
    job = lab.release.jobs[0]
    script = TemplateFile(source="check.sh", destination="bin/check-old-secret", content=b"exit 0")
    lab.release = replace(lab.release, jobs=(replace(job, templates=(*job.templates, script)),))
    lab.deploy()
    return lab


def test_the_previous_value_lasts_until_everything_has_the_new_one(lab: RotationLab) -> None:
    values = lab.simulation.vault.values
    assert values[_PREVIOUS] == values[TOKEN] == "made password"
    rotated = lab.rotate("token")
    assert _made_secrets(lab, rotated.task) == [[TOKEN], [_PREVIOUS]]
    assert values[_PREVIOUS] == values[TOKEN] == "made password 2"
    assert [row["name"] for row in rotated.table.rows] == [TOKEN]
    assert lab.deploy().report is None
    assert _made_secrets(lab, lab.rotate("token_previous").task) == [[TOKEN], [_PREVIOUS]], "it means the variable"


def test_regenerating_it_leaves_no_previous_value(lab: RotationLab) -> None:
    request = lab.request()
    lab.deploy_request(replace(request, options=PlanOptions(regenerate=frozenset({"token"}))))
    values = lab.simulation.vault.values
    assert values[_PREVIOUS] == values[TOKEN] == "made password 2"


def test_killed_anywhere_the_former_value_is_kept_until_it_is_tried(tmp_path: Path) -> None:
    counting, whole = Deaths(), _made(tmp_path / "whole")
    whole.rotate("token", deaths=counting)
    boundaries = [at for at, each in enumerate(counting.passed, 1) if each.startswith("vault:") or at % 23 == 0]
    for at in boundaries:
        lab = _made(tmp_path / str(at))
        with pytest.raises(Death):
            lab.rotate("token", deaths=Deaths(at=at))
        lab.rotate("token")
        values = lab.simulation.vault.values
        assert values[_PREVIOUS] == values[TOKEN] == "made password 2", at
        assert _given(lab) == {"OLD_SECRET_WORD": "made password"}, at
        assert not lab.session().world.vault.retired_secrets("/"), at


def test_each_instance_tries_what_its_job_knew(lab: RotationLab) -> None:
    rotated = lab.rotate(is_all=True, deployment="app")
    assert {name for name, _ in lab.remote.scripts} == {"web/0", "web/1"}
    assert rotated.lines[-3:] == (
        f"  {CA}: the former value is refused by web/0, web/1",
        f"  {TLS}: the former value was not tried, as no job checks it",
        f"  {TOKEN}: the former value is refused by web/0, web/1",
    )
    assert _given(lab) == {"OLD_SECRET_TLS_CA": "c1", "OLD_SECRET_WORD": "made password"}


@pytest.mark.parametrize(("code", "error"), [(1, "old-value-accepted"), (3, "old-value-not-tried")])
def test_a_value_that_is_not_refused_is_an_error_until_it_is(lab: RotationLab, code: int, error: str) -> None:
    lab.remote.exit_codes["web/1"] = code
    with pytest.raises(ExplainedError) as caught:
        lab.rotate("token")
    assert caught.value.code == error
    assert f"'{TOKEN}'" in caught.value.what and "web/1" in caught.value.what
    assert caught.value.why == "last words"
    assert lab.session().world.vault.retired_secrets("/") == (TOKEN,)
    lab.remote.exit_codes.clear()
    lab.deploy(instances=3)
    rotated = lab.rotate("token")
    assert rotated.lines[-1] == f"  {TOKEN}: the former value is refused by web/0, web/1, web/2"
    assert rotated.table.rows[0]["refused_by"] == ["web/0", "web/1", "web/2"]
    assert lab.simulation.vault.values[TOKEN] == "made password 2", "it is not rotated again"


def test_no_list_or_text_has_a_retired_value(lab: RotationLab) -> None:
    vault = lab.session().world.vault
    vault.retire_secret(TOKEN)
    assert not [name for name in vault.list_secrets("/") if retired_secrets.is_retired(name)]


def _given(lab: RotationLab) -> Mapping[str, str]:
    """What all scripts got."""
    found: dict[str, str] = {}
    for _, script in lab.remote.scripts:
        (words,) = [word for word in shlex.split(script) if word.startswith("export ")]
        exports = [shlex.split(line)[1] for line in words.splitlines() if line.startswith("export ")]
        found |= dict(each.split("=", 1) for each in exports)
    return found


def _made_secrets(lab: RotationLab, task: int) -> list[list[str]]:
    journal = lab.session().world.journal
    runs = [journal.load_run(wants.ENVIRONMENT, each.number) for each in journal.runs_of_task(task)]
    made: list[list[str]] = []
    for run in runs:
        works = [action.work for action in run.plan.actions] if run else []
        made.append([work.variable.name for work in works if isinstance(work, MakeSecret)])
    return made
