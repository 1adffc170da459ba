"""A newcomer's path on each test bed, as the tutorial of the cloud has it (tests/support/newcomers.py)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.clouds import newcomers
from tests.support.bodies import ground
from tests.support.newcomers import TRIAL, Bed, browser_window, follow_tutorial

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("browser", "certutil", "libatomic"),
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]

BEDS: Mapping[str, Callable[[str, Path], AbstractContextManager[Bed]]] = {
    "local": newcomers.on_local,
    "aws": newcomers.on_aws_bed,
    "azure": newcomers.on_azure_bed,
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One window for all."""
    with browser_window(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.parametrize("cloud", BEDS)
def test_the_tutorial_leads_from_the_first_question_to_the_receipt(
    cloud: str, page: Page, ours: str, tmp_path: Path
) -> None:
    name = f"{ours}-new" if cloud == "local" else TRIAL
    with BEDS[cloud](name, tmp_path) as bed:
        follow_tutorial(cloud, bed, tmp_path, page, name=name)
