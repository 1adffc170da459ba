"""Jobs' scripts in a real process: what drains answer, and what is quoted of those that fail."""

from typing import Any

import pytest

from tests.support.guest_process import GuestProcess, VerbError

SCRIPT = "#!/bin/sh\n"


def _drain(guest: GuestProcess, script: str, **arguments: object) -> tuple[Any, list[str]]:
    said = guest.base / "said"
    head = f'{SCRIPT}echo "$@|$BOSH_JOB_STATE|$BOSH_JOB_NEXT_STATE" >> {said}\n'
    package = {"name": "old", "version": "1", "digest": guest.put_archive(a="1")}
    guest.apply({"web": {"bin/drain": head + script}}, persistent_disk=7, packages=[package])
    return guest.call("drain", **arguments), said.read_text().splitlines()


def test_a_drain_before_an_update_is_told_what_changes(guest: GuestProcess) -> None:
    packages = [
        {"name": "old", "version": "2", "digest": "sha256:" + "1" * 64},
        {"name": "new", "version": "1", "digest": "sha256:" + "2" * 64},
    ]
    following = {"configuration_hash": "y", "packages": packages, "persistent_disk": 9}
    assert _drain(guest, "echo 0", type="update", next_spec=following) == (
        0,
        ['job_changed hash_changed new old|{"persistent_disk": 7}|{"persistent_disk": 9}'],
    )


def test_a_drain_before_a_shutdown_is_told_so(guest: GuestProcess) -> None:
    assert _drain(guest, "echo 0", type="shutdown") == (0, ['job_shutdown hash_unchanged|{"persistent_disk": 7}|'])


def test_a_negative_number_asks_to_be_called_again(guest: GuestProcess) -> None:
    script = f'[ "$1" = job_check_status ] && [ $(wc -l < {guest.base}/said) = 3 ] && echo 0 || echo -1'
    value, said = _drain(guest, script, type="shutdown")
    assert (value, said[1:]) == (0, ['job_check_status hash_unchanged|{"persistent_disk": 7}|'] * 2)


def test_a_drain_that_prints_no_number_fails(guest: GuestProcess) -> None:
    with pytest.raises(VerbError) as caught:
        _drain(guest, "echo soon; echo oh >&2", type="shutdown")
    assert (caught.value.what, caught.value.why, caught.value.output) == (
        "1 of 1 drain scripts failed. Failed Jobs: web.",
        "web: Script did not return a signed integer. it printed 'soon' with exit code 0",
        "web: oh",
    )


@pytest.mark.parametrize("answer", ["99999999999999999999", "-9223372036854775809", "٣", "1e3", "0x10"])
def test_a_drain_that_prints_no_integer_of_64_bits_fails_in_boshs_words(guest: GuestProcess, answer: str) -> None:
    with pytest.raises(VerbError) as caught:
        _drain(guest, f"echo {answer}", type="shutdown")
    assert caught.value.why.startswith("web: Script did not return a signed integer. it printed")


def test_a_drain_that_asks_for_an_age_is_waited_for_until_it_is_cancelled(guest: GuestProcess) -> None:
    guest.apply({"web": {"bin/drain": "#!/bin/sh\necho 9223372036854775807\n"}})
    identity = guest.send("drain", type="shutdown")
    guest.call("ping")
    guest.write({"cancel": identity})
    with pytest.raises(VerbError) as caught:
        guest.wait(identity)
    assert "was ended on request" in caught.value.why


def test_a_script_is_quoted_with_what_it_said_this_time_alone(guest: GuestProcess) -> None:
    slow = "echo begun >&2; sleep 0.7; "
    guest.apply({"web": {"bin/post-start": f"#!/bin/sh\n{slow}echo first >&2; exit 1\n"}})
    with pytest.raises(VerbError):
        guest.call("run_script", name="post-start")
    guest.apply({"web": {"bin/post-start": "#!/bin/sh\nsleep 0.7; echo second; exit 1\n"}})
    identity = guest.send("run_script", name="post-start")
    with pytest.raises(VerbError) as caught:
        guest.wait(identity)
    assert (caught.value.output, guest.progress(identity)) == ("web: second", [])
    log = guest.base / "sys" / "log" / "web" / "post-start.stderr.log"
    assert log.read_text() == "begun\nfirst\n"


def test_what_the_vm_refuses_one_script_is_that_jobs_failure(guest: GuestProcess) -> None:
    guest.apply({"web": {"bin/pre-start": "#!/bin/sh\n"}, "db": {"bin/pre-start": "#!/bin/sh\n"}})
    (guest.base / "sys" / "log" / "web" / "pre-start.stdout.log").mkdir()
    with pytest.raises(VerbError) as caught:
        guest.call("run_script", name="pre-start")
    assert caught.value.what == "1 of 2 pre-start scripts failed. Failed Jobs: web. Successful Jobs: db."
    assert caught.value.why.endswith("/pre-start.stdout.log: Is a directory")


def test_the_exit_code_of_a_drain_does_not_count(guest: GuestProcess) -> None:
    assert _drain(guest, "echo 0; exit 9", type="shutdown")[0] == 0
