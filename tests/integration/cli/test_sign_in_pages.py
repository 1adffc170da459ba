"""The shell blocks of the pages about signing in do what they say; those that need an account are tested elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import shell_blocks
from tests.support.command import ROOT

PAGES = sorted((ROOT / "docs" / "howto").glob("sign-in-to-*.md"))
_TESTED = re.compile(r"<!-- not run by the docs' test: [^;]+; (\S+\.py)")


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_blocks_of_a_page_leave_the_files_that_it_names(page: Path, tmp_path: Path) -> None:
    steps = shell_blocks.read_steps(page.read_text())
    folder = Path(sys.executable).parent
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{folder}:{os.environ['PATH']}"}
    run = [step.command for step in steps if step.is_run]
    for command in run:
        subprocess.run(["bash", "-ec", command], cwd=ROOT, env=environment, check=True, timeout=60)
    cloud = page.stem.removeprefix("sign-in-to-")
    assert run and (tmp_path / ".compleat" / "environments" / f"{cloud}.yml").is_file()
    left_out = [step.command for step in steps if not step.is_run]
    tests = _TESTED.findall(page.read_text())
    assert len(tests) == len(left_out)
    assert all((ROOT / test).is_file() for test in tests)
