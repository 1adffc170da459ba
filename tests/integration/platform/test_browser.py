"""The console as a person sees it, in headless Chromium."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.integration.platform.conftest import MakeMachine
from tests.integration.platform.test_platform import ROOT, start_jobs

pytestmark = pytest.mark.skipif(
    not Path("/usr/bin/chromium").exists(), reason="no browser: install the system's package chromium"
)


@pytest.mark.parametrize("kind", ["script", "plain"])
def test_a_person_logs_in_sees_the_services_reveals_a_password_and_logs_out(
    make_platform: MakeMachine, kind: str
) -> None:
    booted = make_platform()
    start_jobs(booted)
    visit = [sys.executable, "-m", "tests.integration.platform.browsing", "open-sesame", kind]
    seen = json.loads(booted.run(visit, cwd=str(ROOT)).stdout)
    assert [re.sub(r"\d+(\.\d+)+$", "*", service) for service in seen.pop("services")] == ["PostgreSQL *", "Redis *"]
    assert seen == {
        "login": "login",
        "states": ["Up", "Up"],
        "secret before": False,
        "secret after": 'it\'s "quoted" $1 \\ %',
        "fits a phone": True,
        "complaints": [],
    }
