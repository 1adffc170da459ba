"""How commands end, for people."""

from dataclasses import replace

import pytest

from director.model.cloud_names import ONLY_CLOUD
from director.model.report import (
    CloudPlace,
    DownReport,
    ErrandResult,
    Listing,
    ReportLine,
    RequestedDeletion,
    RunReport,
    UpReport,
)
from director.report import ending


def test_a_line_that_failed_when_tried_says_so() -> None:
    lines = (
        ReportLine(name="ssh", value="ssh jumpbox"),
        ReportLine(name="console", value="https://c", problem="refused"),
    )
    assert ending.up_lines(UpReport(environment="local", lines=lines, took_s=9.04)) == (
        "",
        "  ssh      ssh jumpbox",
        "  console  https://c",
        "           ^ check FAILED: refused",
        "",
        "Environment 'local' is up after 9.0 s. Not all endpoints work: see the lines marked FAILED.",
    )


def test_down_ends_with_what_was_asked_and_zero_left() -> None:
    asked = (
        RequestedDeletion(kind="vm", name="VM a"),
        RequestedDeletion(kind="vm", name="VM b"),
        RequestedDeletion(kind="disk", name="disk c"),
        RequestedDeletion(kind="landing resource", name="public_address console"),
    )
    assert ending.down_lines(DownReport(environment="local", asked=asked, left=())) == (
        "  asked to delete 2 VMs: a, b",
        "  asked to delete 1 disk: c",
        "  asked to delete 1 landing resource: public address console",
        "Environment 'local': no resources left in the cloud.",
    )


def test_down_shows_each_listing_as_its_receipt() -> None:
    listings = (
        Listing(cloud=ONLY_CLOUD, at=1480329000.0, counts={"vm": 2, "disk": 1}),
        Listing(cloud="east", at=1480329061.9),
    )
    assert ending.down_lines(DownReport(environment="lab", listings=listings)) == (
        "Environment 'lab': no resources left in the cloud.",
        "  listed at 2016-11-28T10:30:00Z: 2 VMs, 1 disk",
        "  listed by cloud 'east' at 2016-11-28T10:31:01Z: no resources",
    )


def test_down_names_what_is_left() -> None:
    report = DownReport(environment="local", asked=(), left=(RequestedDeletion(kind="disk", name="c"),))
    assert ending.down_lines(report) == (
        "  still in the cloud: disk c",
        "Environment 'local': 1 resource left in the cloud. Run the same command again.",
    )


@pytest.mark.parametrize(
    ("is_forgotten", "verdict"),
    [
        (False, "2 recorded resources not found; all records are kept."),
        (True, "2 recorded resources dropped without being found in the cloud."),
    ],
)
def test_down_names_what_is_recorded_and_was_not_found(is_forgotten: bool, verdict: str) -> None:
    missing = (
        RequestedDeletion(kind="vm", name="vm-1 (web/0 of app)"),
        RequestedDeletion(kind="disk", name="d-1 (web/0 of app)"),
    )
    assert ending.down_lines(DownReport(environment="lab", missing=missing, is_forgotten=is_forgotten)) == (
        "  recorded, but not found in the cloud: vm vm-1 (web/0 of app)",
        "  recorded, but not found in the cloud: disk d-1 (web/0 of app)",
        f"Environment 'lab': {verdict}",
    )


def test_an_environment_on_another_cloud_is_forgotten_in_words() -> None:
    missing = (RequestedDeletion(kind="vm", name="vm-1 (web/0 of app)"),)
    assert ending.down_lines(DownReport(environment="lab", missing=missing, is_elsewhere=True)) == (
        "  recorded on another cloud, not looked for: vm vm-1 (web/0 of app)",
        "Environment 'lab': records of 1 resource dropped; no cloud was queried, nothing was deleted.",
    )


def test_down_says_so_where_only_records_could_be_asked() -> None:
    assert ending.down_lines(DownReport(environment="lab", unasked=("exec:/opt/cpi",))) == (
        "Environment 'lab': none of the recorded resources is left.",
        "  exec:/opt/cpi cannot list its resources: only the recorded ones were deleted there.",
    )


def test_the_report_begins_with_the_place() -> None:
    place = CloudPlace(name=ONLY_CLOUD, plugin="aws", title="account 1234, region us-east-1")
    report = UpReport(environment="lab", lines=(), took_s=1.0, clouds=(place,))
    assert ending.up_lines(report)[0] == "Environment 'lab' on aws: account 1234, region us-east-1."


def test_a_run_is_one_line() -> None:
    report = RunReport(deployment="d", number=3, state="done", took_s=1.25, counts={"create_vm": 2, "apply": 3})
    assert ending.run_line(report) == "Task 3 of 'd': done in 1.2 s (5 actions)."


def test_what_is_not_shown_of_an_errand_is_counted_and_its_file_named() -> None:
    result = ErrandResult(
        errand="smoke",
        instance="t/0",
        exit_code=0,
        stdout="the end\n",
        stderr="",
        stdout_path="/logs/1",
        stdout_left_out=6000071,
    )
    assert ending.errand_lines(result)[1:] == (
        "  ... 6000071 earlier bytes omitted; the whole output is in /logs/1",
        "  | the end",
    )
    assert ending.errand_lines(replace(result, stdout_left_out=0))[1:] == ("  | the end", "  (also in /logs/1)")


def test_an_errands_words_are_indented() -> None:
    result = ErrandResult(errand="smoke", instance="t/0", exit_code=1, stdout="hello\n", stderr="oh\n")
    assert ending.errand_lines(result) == ("Errand 'smoke' on t/0 failed with exit code 1.", "  | hello", "  | oh")
