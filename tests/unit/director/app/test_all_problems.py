"""All problems at once: unknown keys, missing releases and networks in one run."""

from dataclasses import replace
from pathlib import Path

import pytest

from director import errors
from director.app.use_cases import plan as planning
from director.errors import InputError
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab


def _codes(lab: Lab, *changes: tuple[str, str]) -> list[str]:
    request = lab.request()
    source = request.files.manifest
    text = source.content.decode()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    files = replace(request.files, manifest=replace(source, content=text.encode()))
    with pytest.raises(InputError) as caught:
        planning.plan_deployment(lab.session(), replace(request, files=files))
    return [problem.code for problem in errors.each_problem(caught.value)]


_KEY = ("  vm_type: default\n", "  vm_type: default\n  persistant_disk: 5\n")
_MISSPELT = ("  vm_type: default\n", "  vm_tpye: default\n")
_NETWORK = ("networks: [{name: default}]", "networks: [{name: defualt}]")
_RELEASE = ("{name: tools, version: 1, url: file://release}", "{name: tools, version: 1}")
_TYPE = ("  instances: 2\n", "  instances: two\n")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ([_KEY], ["unknown-key"]),
        ([_KEY, _NETWORK], ["unknown-key", "unknown-network"]),
        ([_KEY, _RELEASE, _NETWORK], ["unknown-key", "release-missing", "unknown-network"]),
        ([_MISSPELT], ["unknown-key"]),
        ([_MISSPELT, _NETWORK], ["unknown-key", "unknown-network"]),
        ([_RELEASE], ["release-missing"]),
        ([_RELEASE, _NETWORK], ["release-missing", "unknown-network"]),
        ([_TYPE, _NETWORK], ["wrong-type"]),
        ([_TYPE, _KEY], ["wrong-type", "unknown-key"]),
    ],
)
def test_problems_of_all_layers_are_reported_in_one_run(
    tmp_path: Path, changes: list[tuple[str, str]], codes: list[str]
) -> None:
    assert sorted(_codes(Lab(Simulation(), tmp_path), *changes)) == sorted(codes)
