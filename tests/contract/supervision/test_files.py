"""Monit files as BOSH jobs write them, read by Debian's monit and by us: both accept the same files."""

import re
import subprocess
from pathlib import Path

import pytest

from director.guest.failures import GuestError
from director.guest.supervise import monit_files

_ROOT = Path(__file__).resolve().parents[3]
_SHIPPED = sorted(
    path.relative_to(_ROOT)
    for folder in ("manifests", "tests/cases")
    for path in (_ROOT / folder).glob("**/monit")
    if "bad-input" not in path.parts
)
_NUMBER = re.compile(r"<%=.*?%>")
"""What a template writes into the monit files of this repository is a number."""

_CHECK = "check process web with pidfile /x.pid\n"

pytestmark = pytest.mark.needs("monit")

BOTH = {
    "an equal sign": 'check process web with pidfile /x.pid\nstart program = "/bin/true"\n',
    "quoted names": 'check process "web" with pidfile "/x.pid"\n  group "vcap"\n',
    "start without the word program": _CHECK + '  start = "/bin/true"\n  stop = "/bin/true"\n',
    "a user": _CHECK + '  start program "/bin/true" as uid root and gid root\n',
    "a user and a timeout": _CHECK + '  start program "/bin/true" as uid root with timeout 60 seconds\n',
    "capitals": "CHECK PROCESS web WITH PIDFILE /x.pid\n  GROUP vcap\n",
    "a restart program": _CHECK + '  restart program "/bin/true"\n',
    "memory": _CHECK + "  if totalmem > 500 MB for 5 cycles then restart\n",
    "memory, twice": _CHECK + "  if totalmem > 80% for 2 cycles then alert\n  if totalmem > 2 GB then restart\n",
    "a port": _CHECK
    + "  if failed host 127.0.0.1 port 80 protocol http\n    with timeout 5 seconds for 2 cycles\n  then restart\n",
    "restarts": _CHECK + "  if 5 restarts within 10 cycles then unmonitor\n",
    "an exec": _CHECK + '  if cpu > 90% for 5 cycles then exec "/bin/true"\n',
    "a recovery": _CHECK + '  if cpu > 90% then alert else if succeeded then exec "/bin/true"\n',
    "a comment": "# first\n" + _CHECK + "  # and last\n  group vcap\n",
    "a file with programs": 'check file f with path /f\n  start program "/bin/true"\n  stop program "/bin/true"\n',
    "a directory": "check directory d with path /d\n  if changed timestamp then alert\n",
    "a FIFO": "check fifo f path /f\n",
    "a filesystem": "check filesystem root with path /\n  if space usage > 80% then alert\n",
    "a device, the filesystem of monit 5.2": "check device root with path /\n  if space usage > 80% then alert\n",
    "a host": "check host h with address 127.0.0.1\n  if failed port 80 protocol http then alert\n",
    "the system": "check system here\n  if memory usage > 90% for 2 cycles then alert\n",
    "a program": 'check program p with path "/bin/true -x" with timeout 5 seconds\n  if status != 0 then alert\n',
    "times as cron has them": 'check program p with path /bin/true\n  every "* 1 * * *"\n  if status != 0 then alert\n',
    "times left out": _CHECK + '  not every "* 1 * * *"\n',
    "nothing": "",
    "every": _CHECK + "  every 2 cycles\n",
    "a command line": 'check process web matching "[[:alpha:]]+ -x"\n',
    "a path of a command line": "check process web with match /usr/sbin/x\n",
    "a pidfile called path": "check process web with path /x.pid\n",
    "semicolons": "check process web with path /x.pid; group vcap;\n",
    "two groups": _CHECK + "  group vcap\n  group mine\n",
    "ignored content": "check file f with path /f\n  if match 'x' then alert\n  ignore match 'y'\n",
    "a mode": _CHECK + "  mode passive\n",
    "two checks": _CHECK + "check process db with pidfile /y.pid\n  depends on web\n",
    "two dependencies": _CHECK
    + "check process db with pidfile /y.pid\ncheck process edge with pidfile /z.pid\n  depends on web, db\n",
}
NEITHER = {
    "an unknown word": _CHECK + "  dance\n",
    "a broken pattern": "check process web matching 'x('\n",
    "no pidfile": "check process web\n  group vcap\n",
    "a condition without an action": _CHECK + "  if totalmem > 500 MB\n",
    "an unknown action": _CHECK + "  if totalmem > 500 MB then dance\n",
    "an unknown dependency": _CHECK + "  depends on nobody\n",
    "a circle": _CHECK + "  depends on db\ncheck process db with pidfile /y.pid\n  depends on web\n",
    "a name twice": _CHECK + _CHECK.replace("/x", "/y"),
    "a timeout without a number": _CHECK + '  start program "/bin/true" with timeout soon\n',
}


def _monit_reads(folder: Path, text: str) -> bool:
    file = folder / "monitrc"
    file.write_text("set daemon 1\n" + text)
    file.chmod(0o600)
    return subprocess.run(["monit", "-t", "-c", str(file)], capture_output=True, check=False).returncode == 0


def _we_read(text: str) -> bool:
    try:
        monit_files.order_checks(monit_files.read_checks("monit", text))
    except GuestError:
        return False
    return True


@pytest.mark.parametrize("path", _SHIPPED, ids=str)
def test_every_monit_file_of_this_repository_is_read_by_both(tmp_path: Path, path: Path) -> None:
    text = _NUMBER.sub("60", (_ROOT / path).read_text())
    text = text.replace("as uid vcap and gid vcap", "as uid root and gid root")  # monit looks them up on this machine
    assert (_monit_reads(tmp_path, text), _we_read(text)) == (True, True)


@pytest.mark.parametrize("case", BOTH)
def test_what_monit_reads_we_read(tmp_path: Path, case: str) -> None:
    assert (_monit_reads(tmp_path, BOTH[case]), _we_read(BOTH[case])) == (True, True)


@pytest.mark.parametrize("case", NEITHER)
def test_what_monit_refuses_we_refuse(tmp_path: Path, case: str) -> None:
    assert (_monit_reads(tmp_path, NEITHER[case]), _we_read(NEITHER[case])) == (False, False)
