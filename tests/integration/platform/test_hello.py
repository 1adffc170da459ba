"""The example release: compiled, started, asked, stopped."""

from pathlib import Path

import pytest

from tests.integration.platform import installing, machine

_RELEASE = Path(__file__).parents[3] / "manifests/examples/hello/release"


@pytest.mark.parametrize("one_id", [False, True], ids=["real users", "one id"])
def test_hello_greets_and_starts_and_stops_twice(tmp_path_factory: pytest.TempPathFactory, one_id: bool) -> None:
    root = machine.open_to_all(tmp_path_factory.mktemp("hello"))
    booted = machine.start_machine(root)
    try:
        installing.compile_package(booted, _RELEASE, "hello", blobs=root / "none")
        installing.install_job(booted, _RELEASE, "hello", properties={"greeting": "Good 'day'"}, links={})
    finally:
        booted.power_off()
    booted = machine.start_machine(root, one_id=one_id)
    try:
        for program in ("ctl start", "ctl start", "post-start"):
            path, *arguments = program.split()
            booted.run([f"/var/vcap/jobs/hello/bin/{path}", *arguments])
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/').read().decode(), end='')"
        assert booted.run(["python3", "-c", ask]).stdout == "Good 'day', hello/0 at 127.0.0.1\n"
        for _ in range(2):
            booted.run(["/var/vcap/jobs/hello/bin/ctl", "stop"])
        assert booted.run(["python3", "-c", ask], check=False).returncode == 1
    finally:
        booted.power_off()
