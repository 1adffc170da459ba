"""What commands print, whole: tests/cases/verbs has a file for each command, the line that is typed and the text.

Takes a command's name and what it printed, gives both texts with what differs from run to run called by name.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import ROOT, Compleat, Ran

CASES = ROOT / "tests" / "cases" / "verbs"

ELSEWHERE: Mapping[str, str] = {
    "bundle downloads": "tests/unit/director/app/test_bundle_downloads.py",
    "cloud-config": "tests/integration/cli/test_configs.py",
    "config": "tests/integration/cli/test_configs.py",
    "interpolate": "tests/contract/golden/test_interpolate.py",
    "schema": "tests/integration/cli/test_schema.py",
    "watch": "tests/e2e/test_page_browser.py",
}
"""Commands without a file here, and the test of what they print: documents of the user's, a list that differs with
the machine, and a command that does not end by itself."""

CHECKED_IN: Mapping[str, str] = {
    "adopt": "tests/e2e/test_backups.py",
    "attach-disk": "tests/e2e/test_operations.py",
    "azure create-principal": "tests/e2e/test_azure_principal.py",
    "bundle apply": "tests/e2e/test_bundle_files.py",
    "bundle create": "tests/e2e/test_bundle_files.py",
    "bundle verify": "tests/e2e/test_bundle_files.py",
    "cancel-task": "tests/integration/test_cancelled_elsewhere.py",
    "cpi-config": "tests/integration/cli/test_configs.py",
    "delete-disk": "tests/e2e/test_operations.py",
    "delete-snapshot": "tests/e2e/test_operations.py",
    "delete-snapshots": "tests/e2e/test_operations.py",
    "delete-vm": "tests/e2e/test_operations.py",
    "deploy failed": "tests/e2e/test_updates.py",
    "logs": "tests/e2e/test_platform.py",
    "orphan-disk": "tests/e2e/test_operations.py",
    "plan change": "tests/e2e/test_updates.py",
    "restore": "tests/e2e/test_backups.py",
    "take-snapshot": "tests/e2e/test_operations.py",
    "template deploy": "tests/integration/azure/test_native_commands.py",
    "update-cpi-config": "tests/integration/cli/test_configs.py",
}
"""Files here that another test checks than the one that types all examples, tests/e2e/test_docs.py."""

_TIME = r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?"
_VARYING = (
    (r"(?m)^(?:\d\d:\d\d:\d\d  )?\.\.\..*\n", ""),  # signs of life
    (r"COMPLEAT_HOME=\S+ (?:\S*compleat|\S+ -m director\.cli\.main)", "compleat"),  # the program as it is typed there
    (r"this machine \([^)]*\), user [\w-]+(?:, mode R\d)?", "this machine"),
    (r"(?m)^((?:\d\d:\d\d:\d\d  )?Environment '\S+' on \w+: .*[^.\n])\n +(?=\S)", r"\1 "),  # wrapped after names
    (
        r"(?m)^(?:\d\d:\d\d:\d\d  )?(?:package \S+ +compiled|DNS records  ).*\n",
        "",
    ),  # compiled once for all tests; beside other work
    (r"(?m)^(?:Duration: |Takes ).*\n(?: {4}.*\n)*", ""),
    (r"(?m)^.*(?:while it compiles|packages to compile on|compiler-\d|compile package).*\n", ""),
    (r"\d+ packages?, ", ""),
    (r"(?m)^\d\d:\d\d:\d\d  ", "{CLOCK}  "),
    (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "{ID}"),
    (r"SHA256:\S{43}|\b[0-9a-f]{32,64}\b", "{DIGEST}"),
    (rf"{_TIME}|\b\d{{8}}T\d{{6}}Z", "{TIME}"),
    (r"[\w.-]+@[\w.-]+(?: \(pid \d+\))?", "{USER}"),
    (r"\{TIME\}: a process(?s:.*?)\.\n|\{TIME\}: (?:systemd|cron)(?s:.*?)\.\n", "{TIME}: {TIMER}.\n"),
    (r"\b(vm|disk|snapshot|stemcell)-[0-9a-f]{16}\b", r"\1-{CID}"),
    (r"203\.0\.113\.\d+", "{PUBLIC}"),
    (r"127(?:\.\d+){3}:\d+", "{REACHED}"),
    (r"\b(?=[a-z0-9]*[0-9])[a-z0-9]{16,20}\b", "{WORD}"),
    (r"\b(Task|version|Version) \d+", r"\1 {N}"),
    (r"\b\d+(?=(?:, nothing|:) actions?\b| actions?\b| events\b| files\b| known\b)", "{N}"),
    (r"(?:\d+ (?:d|h|min) )*[\d.]+ (?:s|min|h|d)\b", "{N} s"),
    (r"\b[\d.]+ (?=MiB[,.])", "{N} "),
    (r"\d+d \d+h|\d+h \d+m|\d+m(?=  )", "{N}"),
    (r"\d+\.\d+ \d+\.\d+ \d+\.\d+", "{LOAD}"),
    (r"[\d.]+%", "{N}%"),
    (r"(?m)^(\d+)(?=  )", "{N}"),
    (r"(?m)^.*\bt[0-9a-f]{6}-[0-9a-f]{4}\b.*\n", ""),  # what other tests have in the same home
    (r"(?<=\S) {2,}", "  "),
    (r"(?<=\{TIME\}  )\d+(?=  )", "{N}"),
    (r"(?<=\{TIME\}  )\d+\.\d+(?=  )", "{N}"),
    (r"(?<=  )\d+\.\d\d(?=  )", "{N}"),
)
"""What differs from run to run, and what it is called; columns are apart by two spaces."""
_IN_ANY_ORDER = re.compile(r"^\{(?:CLOCK|TIME)\}  ")


def expected(name: str) -> str:
    """The text of the file, with the line that is typed."""
    return (CASES / f"{name.replace(' ', '-')}.txt").read_text()


def compared(typed: str, printed: str, places: Mapping[str, str]) -> str:
    """The line and the text as in a file; `places` are texts of this run (paths, names) and what they are called."""
    text = f"$ {typed}\n{printed}"
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    for found, called in _VARYING:
        text = re.sub(found, called, text)
    return _sorted(text)


def check(ran: Ran, compleat: Compleat, name: str, *folders: Path) -> None:
    """Assert that it printed what the file of that name has: the log, then the result."""
    places = {**places_of(compleat.home, compleat.environment, ROOT), **dict.fromkeys(map(str, folders), "{CWD}")}
    words = f"compleat {shlex.join(ran.words)}"
    typed = re.sub(r" -v \S+", "", words)  # a deployment's values are as other tests left them
    assert compared(typed, ran.err + ran.out, places) == expected(name)


def places_of(home: Path, environment: str, folder: Path) -> Mapping[str, str]:
    """Those of every command."""
    return {str(home): "{HOME}", environment: "{ENV}", str(folder): "{CWD}", str(ROOT): "{ROOT}"}


def _sorted(text: str) -> str:
    """Lines of a log that stand together come in one order: what is done at once ends in any."""
    lines: list[str] = []
    block: list[str] = []
    for line in text.splitlines(keepends=True):
        if _IN_ANY_ORDER.match(line):
            block.append(line)
        else:
            lines += [*sorted(block), line]
            block = []
    return "".join([*lines, *sorted(block)])
