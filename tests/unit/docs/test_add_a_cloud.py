"""The checklist for a new cloud, held against the clouds that there are."""

import re
import tomllib
from pathlib import Path

import pytest

from cpi import plugins
from cpi.serve import formats

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/howto/add-a-cloud.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = re.findall(r"\*\*`([a-z]+\.py)`\*\*", PAGE)
REAL = ("aws", "azure", "openstack")


def test_the_checklist_names_its_files() -> None:
    assert [
        *(
            "config.py",
            "plugin.py",
            "api.py",
            "refusals.py",
            "contract/cloud.py",
            "landing.py",
            "preflight.py",
            "prices.py",
        ),
        "identity.py",
    ] == FILES


@pytest.mark.parametrize("cloud", REAL)
def test_a_real_cloud_has_all_of_them_and_the_data(cloud: str) -> None:
    data = [f"manifests/{folder}/{cloud}.yml" for folder in ("environments", "cloud-configs")]
    named = [*(f"cpi/{cloud}/{file}" for file in FILES), *data]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_cloud_of_ours_is_wherever_the_checklist_says_it_joins() -> None:
    ours = set(formats.FORMATS)
    points = PROJECT["project"]["entry-points"]["compleat.clouds"]
    assert set(points) == ours
    assert {name: plugins.find_plugin(name).name for name in ours} == {name: name for name in ours}
    modules = {f"cpi.{name}" for name in ours} | {"cpi.clouds.external"}
    contracts = {each["name"]: each for each in PROJECT["tool"]["importlinter"]["contracts"]}
    assert modules <= set(contracts["the director sees only the front of cpi"]["forbidden_modules"])
    (row,) = [row for row in contracts["rooms of cpi"]["layers"] if "cpi.clouds.memory" in row]
    assert set(row.split(" | ")) == modules
