"""Monit control files are read as BOSH jobs write them, and refused by file and line where they cannot be."""

import pytest

from director.guest.failures import GuestError
from director.guest.monit_files import Check, Program, order_checks, read_checks


def _refusal(text: str) -> tuple[str, str, str]:
    with pytest.raises(GuestError) as caught:
        read_checks("web/monit", text)
    return caught.value.code, caught.value.what, caught.value.why


def test_a_job_as_bosh_writes_it_is_read_whole() -> None:
    text = """
    # the usual
    check process web
      with pidfile /var/vcap/sys/run/web/web.pid
      start program "/var/vcap/jobs/web/bin/ctl start" with timeout 60 seconds
      stop program "/var/vcap/jobs/web/bin/ctl stop" as uid vcap and gid vcap
      group vcap
      depends on db, cache
      if totalmem > 500 Mb for 2 cycles then alert
      if failed port 8080 protocol http with timeout 10 seconds for 5 cycles then restart
    """
    assert read_checks("web/monit", text) == [
        Check(
            name="web",
            pidfile="/var/vcap/sys/run/web/web.pid",
            start=Program(("/var/vcap/jobs/web/bin/ctl", "start"), 60.0),
            stop=Program(("/var/vcap/jobs/web/bin/ctl", "stop"), 30.0, "vcap", "vcap"),
            group="vcap",
            depends_on=("db", "cache"),
            unwatched=(
                "if totalmem > 500 Mb for 2 cycles then alert",
                "if failed port 8080 protocol http with timeout 10 seconds for 5 cycles then restart",
            ),
        )
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('start program = "/bin/a b"', Program(("/bin/a", "b"))),
        ('start "/bin/a"', Program(("/bin/a",))),
        ("start program '/bin/a \"b c\"'", Program(("/bin/a", "b c"))),
        ('START PROGRAM "/bin/a" WITH TIMEOUT 2 MINUTES', Program(("/bin/a",), 120.0)),
        (
            'start program "/bin/a" as uid 1000 and gid 1000 with timeout 5 seconds',
            Program(("/bin/a",), 5.0, "1000", "1000"),
        ),
    ],
)
def test_a_program_is_read_in_each_of_monits_spellings(statement: str, expected: Program) -> None:
    (check,) = read_checks("web/monit", f"check process web with pidfile /p {statement} group vcap")
    assert (check.start, check.group) == (expected, "vcap")


def test_several_checks_and_quoted_names_stand_in_one_file() -> None:
    text = 'check process a pidfile "/a b.pid"\ncheck process b with pidfile /b\n  mode manual\n  every 2 cycles'
    assert read_checks("monit", text) == [Check("a", "/a b.pid"), Check("b", "/b", is_manual=True)]


def test_a_condition_with_exec_and_else_ends_where_it_ends() -> None:
    text = (
        "check process a with pidfile /a\n"
        '  if does not exist then exec "/bin/tell x" as uid root else if succeeded then alert\n'
        "  if 3 restarts within 5 cycles then timeout\n  group vcap"
    )
    (check,) = read_checks("monit", text)
    assert (check.group, check.unwatched) == (
        "vcap",
        (
            "if does not exist then exec /bin/tell x as uid root else if succeeded then alert",
            "if 3 restarts within 5 cycles then timeout",
        ),
    )


def test_an_empty_file_has_no_checks() -> None:
    assert read_checks("monit", "\n# nothing to run\n") == []


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("check process a with pidfile /a\n  begin program '/x'", 2, "'begin'"),
        ("check file a with path /a", 1, "'file'"),
        ("check process a matching 'x'", 1, "'matching'"),
        ("set daemon 10", 1, "'set'"),
        ('check process a with pidfile /a\n\n  start program "/x', 3, "an unclosed quote"),
        ("check process a with pidfile", 1, "the end of the file"),
        ("check process a with pidfile /a\n  start program /x", 2, "'/x'"),
        ('check process a with pidfile /a start program "/x" with timeout soon', 1, "'soon'"),
        ("check process a with pidfile /a\n  if 2 > 1\ncheck process b with pidfile /b", 3, "'check'"),
        ("check process a with pidfile /a\n  if 2 > 1 then dance", 2, "'dance'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(text: str, line: int, found: str) -> None:
    assert _refusal(text) == (
        "monit-file-broken",
        f"web/monit:{line}: the monit file cannot be read.",
        f"found {found}",
    )


def test_checks_come_after_what_they_depend_on() -> None:
    web, db, cache = (
        Check("web", "/w", depends_on=("db", "cache")),
        Check("db", "/d", depends_on=("cache",)),
        Check("cache", "/c"),
    )
    assert order_checks([web, db, cache]) == [cache, db, web]


def test_a_circle_is_spelled_out() -> None:
    with pytest.raises(GuestError) as caught:
        order_checks([Check("a", "/a", depends_on=("b",)), Check("b", "/b", depends_on=("a",))])
    assert (caught.value.code, caught.value.why) == ("monit-depends-broken", "the circle is a -> b -> a")


def test_an_unknown_dependency_is_named() -> None:
    with pytest.raises(GuestError) as caught:
        order_checks([Check("a", "/a", depends_on=("z",))])
    assert caught.value.why == "'a' depends on 'z', which no monit file of this instance defines"


def test_one_name_twice_is_refused() -> None:
    with pytest.raises(GuestError) as caught:
        order_checks([Check("a", "/a"), Check("a", "/b")])
    assert caught.value.code == "monit-name-twice"
