"""Monit control files are read as BOSH jobs write them, or refused with file and line."""

import pytest

from director.monit.checks import BrokenFileError, Check, Program
from director.monit.reading import lines_of_checks, read_checks, read_settings


def _refusal(text: str) -> tuple[int, str]:
    with pytest.raises(BrokenFileError) as caught:
        read_checks(text)
    return caught.value.line, caught.value.found


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
    assert read_checks(text) == [
        Check(
            name="web",
            path="/var/vcap/sys/run/web/web.pid",
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
        ("start program /bin/a with timeout 90 seconds", Program(("/bin/a",), 90.0)),
        ("start program = /bin/a -x 'b c' as uid vcap", Program(("/bin/a", "-x", "b c"), user="vcap")),
    ],
)
def test_a_program_is_read_in_each_of_monits_spellings(statement: str, expected: Program) -> None:
    (check,) = read_checks(f"check process web with pidfile /p {statement} group vcap")
    assert (check.start, check.group) == (expected, "vcap")


def test_several_checks_and_quoted_names_stand_in_one_file() -> None:
    text = 'check process a pidfile "/a b.pid"\ncheck process b with pidfile /b\n  mode manual\n  every 2 cycles'
    assert read_checks(text) == [Check("a", "/a b.pid"), Check("b", "/b", is_manual=True)]


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ('matching "java .*broker"', "java .*broker"),
        ("with match /usr/sbin/x", "/usr/sbin/x"),
        ('matching "x[[:digit:]_]+"', "x[0-9_]+"),
    ],
)
def test_a_process_is_found_by_its_command_line(written: str, pattern: str) -> None:
    text = f"check process a {written}\n  group vcap\n"
    assert read_checks(text) == [Check("a", "", pattern=pattern, group="vcap")]


def test_a_check_of_several_groups_is_in_that_of_bosh() -> None:
    text = "check process a with path /a; group vcap; group mine\ncheck file f path /f\n ignore match 'x'\n group mine"
    assert [(check.name, check.path, check.group) for check in read_checks(text)] == [
        ("a", "/a", "vcap"),
        ("f", "/f", "mine"),
    ]


def test_a_condition_with_exec_and_else_ends_where_it_ends() -> None:
    text = (
        "check process a with pidfile /a\n"
        '  if does not exist then exec "/bin/tell x" as uid root else if succeeded then alert\n'
        "  if 3 restarts within 5 cycles then timeout\n  group vcap"
    )
    (check,) = read_checks(text)
    assert (check.group, check.unwatched) == (
        "vcap",
        (
            "if does not exist then exec /bin/tell x as uid root else if succeeded then alert",
            "if 3 restarts within 5 cycles then timeout",
        ),
    )


def test_mail_and_repeated_actions_are_listed_as_not_watched() -> None:
    text = (
        "check process a with pidfile /a\n  alert a@b.c only on { timeout }\n  noalert d@e.f\n"
        '  if totalmem > 5 MB then exec "/x" as uid root repeat every 5 cycles\n  group vcap'
    )
    (check,) = read_checks(text)
    assert check.group == "vcap"
    assert check.unwatched == (
        "alert a@b.c only on { timeout }",
        "noalert d@e.f",
        "if totalmem > 5 MB then exec /x as uid root",
    )


def test_settings_of_monit_are_read_by_name_and_leave_the_checks_as_they_are() -> None:
    text = (
        "set daemon 60 with start delay 5\nset httpd port 2822 and use address 127.0.0.1 allow admin:secret\n"
        "check process a with pidfile /a\n  group vcap\n"
        "SET MAIL-FORMAT {\n  from: it's me\n  message: check set \"\n}\n"
        'set alert a@b.c with mail-format{subject: no"}\ncheck process b with pidfile /b\n  group vcap\n'
    )
    assert [(check.name, check.path, check.group) for check in read_checks(text)] == [
        ("a", "/a", "vcap"),
        ("b", "/b", "vcap"),
    ]
    assert read_settings(text) == [("daemon", 1), ("httpd", 2), ("mail-format", 5), ("alert", 9)]
    assert read_settings("check process set with pidfile /a\n  start program '/x set'\n") == []


def test_an_empty_file_has_no_checks() -> None:
    assert read_checks("\n# nothing to run\n") == []


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("check process a with pidfile /a\n  begin program '/x'", 2, "'begin'"),
        ("check socket a with path /a", 1, "'socket'"),
        ('check host a with address 1.2.3.4\n  stop program "/x"', 2, "'stop'"),
        ("check file a with pidfile /a", 1, "'pidfile'"),
        (
            'check process a with pidfile /a\n  start program "/x\n  stop program "/y"\n  group vcap\n',
            2,
            "a quote that is closed on another line",
        ),
        (f"check {'z' * 100_000}", 1, f"'{'z' * 80}...'"),
        ("check process a matching 'x('", 1, "'x('"),
        ("check process a with number 5", 1, "'number'"),
        ("check file f with path /f\n  ignore size 'x'", 2, "'size'"),
        ("set daemons 10", 1, "'daemons'"),
        ("set daemon 10\nset\n", 2, "the end of the file"),
        ("include /etc/monit/*", 1, "'include'"),
        ("check process a with pidfile /a\ninclude /etc/monit/*", 2, "'include'"),
        ('check process a with pidfile /a\n\n  start program "/x', 3, "an unclosed quote"),
        ("check process a with pidfile", 1, "the end of the file"),
        ("check process a with pidfile /a\n  start program x", 2, "'x'"),
        ('check process a with pidfile /a start program "/x" with timeout soon', 1, "'soon'"),
        ("check process a with pidfile /a\n  if 2 > 1\ncheck process b with pidfile /b", 3, "'check'"),
        ("check process a with pidfile /a\n  if 2 > 1 then dance", 2, "'dance'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(text: str, line: int, found: str) -> None:
    assert _refusal(text) == (line, found)


def test_what_stands_at_a_path_is_supervised_and_what_is_elsewhere_is_not() -> None:
    text = (
        "check file pid with path /var/x depends on web if changed timestamp then alert group vcap\n"
        "check device disk path /var/vcap/data if space usage > 80% then alert\n"
        "check filesystem store path /var/vcap/store\ncheck directory d path /d\ncheck fifo f with path /f\n"
        "check host out with address 10.0.0.1\n  if failed port 80 then alert\n  group vcap\n"
        "check system here\n  if loadavg (1min) > 4 then alert\n"
        'check program p with path "/bin/p -x" as uid vcap with timeout 5 seconds\n  every "* 1 * * *"\n'
        "  if status != 0 then alert\ncheck network eth interface eth0\n  not every 2 cycles"
    )
    assert [(check.name, check.kind, check.path, check.is_supervised) for check in read_checks(text)] == [
        ("pid", "file", "/var/x", True), ("disk", "filesystem", "/var/vcap/data", True),
        ("store", "filesystem", "/var/vcap/store", True), ("d", "directory", "/d", True), ("f", "fifo", "/f", True),
        ("out", "host", "", False), ("here", "system", "", False), ("p", "program", "", False),
        ("eth", "network", "", False),
    ]  # fmt: skip


def test_a_program_for_what_is_not_supervised_is_refused() -> None:
    assert _refusal('check host a with address b\n  start program "/x"') == (2, "'start'")


def test_each_check_has_the_line_on_which_it_begins() -> None:
    text = "# two\ncheck process a with pidfile /a\n  group vcap\n\ncheck process 'b' pidfile /check\n"
    assert lines_of_checks(text) == {"a": 2, "b": 5}
