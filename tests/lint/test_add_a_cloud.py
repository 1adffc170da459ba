"""The checklist for a new cloud, held against the clouds that there are."""

import re
import tomllib
from pathlib import Path

import pytest

from cpi import plugins
from cpi.serve import formats

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/howto/add-a-cloud.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = re.findall(r"\*\*`([a-z_/]+\.py)`\*\*", PAGE)
REAL = ("aws", "azure", "openstack")


def test_the_checklist_names_its_files() -> None:
    assert FILES == [
        "wire/config.py",
        "plugin.py",
        "wire/api.py",
        "wire/refusals.py",
        "cloud.py",
        "landing/landing_zone.py",
        "preflight/checks.py",
        "prices/hourly_prices.py",
        "wire/identity.py",
    ]


@pytest.mark.parametrize("cloud", REAL)
def test_a_real_cloud_has_all_of_them_and_the_data(cloud: str) -> None:
    data = [f"manifests/{folder}/{cloud}.yml" for folder in ("environments", "cloud-configs")]
    named = [*(f"cpi/clouds/{cloud}/{file}" for file in FILES), *data]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_cloud_of_ours_is_wherever_the_checklist_says_it_joins() -> None:
    ours = set(formats.FORMATS)
    points = PROJECT["project"]["entry-points"]["compleat.clouds"]
    assert set(points) == ours
    assert {name: plugins.find_plugin(name).name for name in ours} == {name: name for name in ours}
    contracts = {each["name"]: each for each in PROJECT["tool"]["importlinter"]["contracts"]}
    (row,) = contracts["clouds do not know each other"]["layers"]
    assert set(row.split(" | ")) == {*ours, "external"}


@pytest.mark.parametrize("cloud", REAL)
def test_a_real_cloud_has_the_rooms_that_every_cloud_has(cloud: str) -> None:
    rooms = {path.name for path in (ROOT / "cpi/clouds" / cloud).iterdir() if (path / "__init__.py").is_file()}
    assert rooms - {"principals", "roles"} == {"wire", "machines", "images", "landing", "preflight", "prices"}
