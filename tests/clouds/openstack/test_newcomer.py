"""A newcomer's path on a real OpenStack, as its tutorial has it (tests/support/newcomers.py).

The clouds.yaml is where OpenStack's own client looks for it, and answers name what the test cloud offers.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.clouds.openstack import place
from tests.support.newcomers import TRIAL, Bed, browser_window, follow_tutorial
from tests.support.typed_terminal import patient_template

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.needs("browser", "certutil", "libatomic"),
]

USER = place.SEVENTH_USER


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser_window(tmp_path / "browser") as opened:
        yield opened


def test_the_tutorial_leads_from_the_first_question_to_the_receipt(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "newcomer"
    config = folder / ".config/openstack"
    config.mkdir(parents=True)
    shutil.copy(place.CLOUDS_FILE, config)
    bed = Bed(
        words=("--template", patient_template("openstack", folder)),
        typed=(
            ("name [openstack]: ", TRIAL),
            ("cloud [", USER),
            ("region [", ""),
            ("image [", "bookworm-tiny"),
            ("size [small]: ", ""),
            *(("allowedSources", words) for words in (place.HOST, f"{place.HOST}/32")),
            ("sshPublicKey [none]: ", ""),
            ("domain [none]: ", ""),
        ),
        env={"COMPLEAT_TIMER": "process"},
        held=lambda: place.held(USER),
        is_priced=False,
        secret="openstack-test",
    )
    follow_tutorial("openstack", bed, folder, page, name=TRIAL)
