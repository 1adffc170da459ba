"""The console as a person sees it, in headless Chromium."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.integration.platform.machine import Machine

_ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.needs("browser", "certutil", "libatomic")


@pytest.mark.parametrize("kind", ["script", "plain"])
def test_a_person_logs_in_sees_the_services_reveals_a_password_and_logs_out(
    running_platform: Machine, kind: str
) -> None:
    visit = [sys.executable, "-m", "tests.integration.platform.browsing", "open-sesame", kind]
    seen = json.loads(running_platform.run(visit, cwd=str(_ROOT)).stdout)
    services = [re.sub(r"\d+(\.\d+)+$", "*", service) for service in seen.pop("services")]
    assert services == ["PostgreSQL *", "Redis *", "NATS *"]
    assert seen == {
        "login": "login",
        "states": ["Up"] * 3,
        "secret before": False,
        "secret after": 'it\'s "quoted" $1 \\ %',
        "fits a phone": True,
        "complaints": [],
    }
