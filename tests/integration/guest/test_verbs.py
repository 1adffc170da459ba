"""The verbs in a real process: what they leave on disk, what they answer, how they fail."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.support.guest_process import BUNDLE, GuestProcess, VerbError, rendered, until

SCRIPT = "#!/bin/sh\n"


def _tree(guest: GuestProcess, *roots: str) -> dict[str, str]:
    """Paths with modes, or where links lead; bundles' long names shortened."""
    found: dict[str, str] = {}
    for root in roots:
        for path in sorted((guest.base / root).rglob("*")):
            name = _short(str(path.relative_to(guest.base)))
            found[name] = "-> " + _short(os.readlink(path)) if path.is_symlink() else oct(path.stat().st_mode & 0o7777)
    return {name: value.replace(str(guest.base) + "/", "") for name, value in found.items()}


def _short(path: str) -> str:
    return "/".join("SHA" if len(part) == 40 else part for part in path.split("/"))


def _moments(guest: GuestProcess) -> dict[str, int]:
    return {str(path): path.lstat().st_ctime_ns for path in guest.base.rglob("*") if "log" not in path.parts}


def test_ping_says_who_answers(guest: GuestProcess) -> None:
    answer = guest.call("ping")
    assert (answer["version"], sorted(answer)) == (BUNDLE.version, ["hostname", "python", "version"])


def test_a_fresh_vm_has_boshs_directories_and_no_state(guest: GuestProcess) -> None:
    state = guest.call("get_state", full=True)
    vitals = state.pop("vitals")
    assert state == {"job_state": "stopped", "processes": [], "problem": "", "spec": {}, "disks": []}
    assert sorted(vitals) == ["cpu", "disk", "load", "mem", "swap", "uptime_s"]
    assert 0 < vitals["mem"]["percent"] <= 100
    assert os.readlink(guest.base / "sys") == str(guest.base / "data" / "sys")


def test_apply_makes_boshs_layout_with_its_modes_and_links(guest: GuestProcess) -> None:
    digest = guest.put_archive(**{"lib/a": "1"})
    package = {"name": "ruby", "version": "1", "digest": digest}
    guest.apply({"web": {"bin/ctl": SCRIPT, "config/web.yml": "a: 1", "monit": ""}}, packages=[package], id="i-1")
    assert _tree(guest, "jobs", "packages", "data/jobs", "data/packages", "instance") == {
        "jobs/web": "-> data/jobs/web/SHA",
        "packages/ruby": "-> data/packages/ruby/SHA",
        "data/jobs/web": "0o750",
        "data/jobs/web/SHA": "0o750",
        "data/jobs/web/SHA/bin": "0o750",
        "data/jobs/web/SHA/bin/ctl": "0o750",
        "data/jobs/web/SHA/config": "0o750",
        "data/jobs/web/SHA/config/web.yml": "0o640",
        "data/jobs/web/SHA/monit": "0o640",
        "data/jobs/web/SHA/packages": "0o750",
        "data/jobs/web/SHA/packages/ruby": "-> data/packages/ruby/SHA",
        "data/packages/ruby": "0o755",
        "data/packages/ruby/SHA": "0o755",
        "data/packages/ruby/SHA/lib": "0o755",
        "data/packages/ruby/SHA/lib/a": "0o644",
        "instance/az": "0o644",
        "instance/deployment": "0o644",
        "instance/id": "0o644",
        "instance/name": "0o644",
    }
    for folder in ("data/sys/log/web", "data/sys/run/web", "data/web"):
        assert oct((guest.base / folder).stat().st_mode & 0o7777) == "0o770"
    sha = hashlib.sha1(f"1-{digest}".encode()).hexdigest()
    assert os.readlink(guest.base / "packages" / "ruby") == str(guest.base / "data" / "packages" / "ruby" / sha)
    assert ((guest.base / "instance" / "id").read_text(), guest.call("get_state")["spec"]["id"]) == ("i-1", "i-1")


def test_applying_the_same_spec_again_changes_nothing(guest: GuestProcess) -> None:
    package = {"name": "ruby", "version": "1", "digest": guest.put_archive(a="1")}
    guest.apply({"web": {"bin/ctl": SCRIPT, "monit": ""}}, packages=[package])
    before = _moments(guest)
    guest.apply({"web": {"bin/ctl": SCRIPT, "monit": ""}}, packages=[package])
    assert _moments(guest) == before


def test_applying_another_spec_drops_what_is_no_longer_in_it(guest: GuestProcess) -> None:
    packages = [{"name": "ruby", "version": "1", "digest": guest.put_archive(a="1")}]
    guest.apply({"web": {"monit": ""}, "db": {"monit": ""}}, packages=packages)
    guest.apply({"web": {"monit": "#new"}})
    assert sorted(_tree(guest, "jobs", "packages", "data/jobs", "data/packages")) == [
        "data/jobs/web",
        "data/jobs/web/SHA",
        "data/jobs/web/SHA/monit",
        "data/jobs/web/SHA/packages",
        "jobs/web",
    ]
    assert (guest.base / "jobs" / "web" / "monit").read_text() == "#new"


def test_a_job_file_that_leads_outside_is_refused(guest: GuestProcess) -> None:
    files = {"web": {"../../evil": rendered("x")}}
    with pytest.raises(VerbError) as caught:
        guest.call("apply", spec={"configuration_hash": "x", "jobs": ["web"]}, files=files)
    assert (caught.value.code, (guest.base / "evil").exists()) == ("unsafe-name", False)


def test_prepare_unpacks_beside_what_is_in_use(guest: GuestProcess) -> None:
    package = {"name": "ruby", "version": "1", "digest": guest.put_archive(a="1")}
    assert guest.call("prepare", packages=[package]) == "prepared"
    assert _tree(guest, "packages", "data/packages") == {
        "data/packages/ruby": "0o755",
        "data/packages/ruby/SHA": "0o755",
        "data/packages/ruby/SHA/a": "0o644",
    }


def test_a_blob_that_arrives_damaged_is_refused_and_leaves_nothing(guest: GuestProcess) -> None:
    done = guest.run("put-blob", "0" * 64, stdin=b"hello")
    assert (done.returncode, b"digest-mismatch" in done.stderr) == (1, True)
    assert list((guest.base / "data" / "blobs").iterdir()) == []


def test_blobs_that_nobody_keeps_are_deleted(guest: GuestProcess) -> None:
    kept, _gone = guest.put_archive(a="1"), guest.put_archive(a="2")
    assert guest.call("delete_blobs", keep=[kept]) == {"deleted": 1}
    assert [path.name for path in (guest.base / "data" / "blobs").iterdir()] == [kept.removeprefix("sha256:")]


def test_a_package_compiles_in_boshs_environment_with_its_dependencies(guest: GuestProcess) -> None:
    dependency = {"name": "zlib", "version": "7", "digest": guest.put_archive(**{"include/z.h": "z"})}
    packaging = """set -e
env | sort | grep -v -e ^_= -e ^SHLVL= > ${BOSH_INSTALL_TARGET}/env
cp ../zlib.txt . 2>/dev/null || cp $(dirname ${BOSH_INSTALL_TARGET})/zlib/include/z.h src/a ${BOSH_INSTALL_TARGET}/
echo compiling; sleep 0.6; echo done
"""
    source = guest.put_archive(packaging=packaging, **{"src/a": "a"})
    call = guest.send("compile_package", name="ruby", version="v", source_digest=source, dependencies=[dependency])
    made = guest.wait(call)
    again = guest.call("compile_package", name="ruby", version="v", source_digest=source, dependencies=[dependency])
    assert guest.progress(call)[-1] in {"compiling", "+ sleep 0.6"}, "the last line of either stream"
    assert again == made
    content = guest.run("get-blob", made["digest"]).stdout
    assert (len(content), "sha256:" + hashlib.sha256(content).hexdigest()) == (made["size"], made["digest"])
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        assert archive.getnames() == ["./a", "./env", "./z.h"]
        environment = archive.extractfile("./env").read().decode().splitlines()  # type: ignore[union-attr]
    assert environment == [
        f"BOSH_COMPILE_TARGET={guest.base}/data/compile/ruby",
        f"BOSH_INSTALL_TARGET={guest.base}/packages/ruby",
        "BOSH_PACKAGE_NAME=ruby",
        "BOSH_PACKAGE_VERSION=v",
        f"COMPLEAT_GUEST_BASE={guest.base}",
        "HOME=/root",
        "LANG=C.UTF-8",
        f"PATH={guest.base}/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        f"PWD={guest.base}/data/compile/ruby",
        "SOURCE_DATE_EPOCH=315532800",
    ]
    assert _tree(guest, "packages", "data/packages", "data/compile") == {}


def test_a_package_that_does_not_compile_tells_its_last_lines_and_leaves_nothing(guest: GuestProcess) -> None:
    source = guest.put_archive(packaging="echo working\nno-such-tool-here\n")
    with pytest.raises(VerbError) as caught:
        guest.call("compile_package", name="ruby", version="v", source_digest=source, dependencies=[])
    assert (caught.value.code, caught.value.what) == (
        "compile-failed",
        "Compiling package ruby: the packaging script failed.",
    )
    assert caught.value.why.startswith("exit code 127; this VM lacks a tool: ")
    assert caught.value.output.startswith("stdout: working\nstderr: + echo working\n+ no-such-tool-here\n")
    assert _tree(guest, "packages", "data/packages", "data/compile") == {}


def test_a_package_without_a_packaging_script_is_an_empty_one(guest: GuestProcess) -> None:
    made = guest.call("compile_package", name="p", version="v", source_digest=guest.put_archive(a="1"), dependencies=[])
    with tarfile.open(fileobj=io.BytesIO(guest.run("get-blob", made["digest"]).stdout)) as archive:
        assert archive.getnames() == []


def test_a_source_that_is_not_there_is_named(guest: GuestProcess) -> None:
    with pytest.raises(VerbError) as caught:
        guest.call("compile_package", name="p", version="v", source_digest="sha256:" + "0" * 64, dependencies=[])
    assert caught.value.code == "blob-missing"


def test_scripts_of_all_jobs_run_and_the_failed_ones_are_told(guest: GuestProcess) -> None:
    jobs = {
        "web": {"bin/pre-start": SCRIPT + "echo $WHO; echo to stderr >&2; exit 3"},
        "db": {"bin/pre-start": SCRIPT + "echo well"},
        "other": {"bin/run": SCRIPT},
    }
    guest.apply(jobs)
    with pytest.raises(VerbError) as caught:
        guest.call("run_script", name="pre-start", env={"WHO": "me"})
    assert (caught.value.code, caught.value.what, caught.value.why, caught.value.output) == (
        "script-failed",
        "1 of 2 pre-start scripts failed. Failed Jobs: web. Successful Jobs: db.",
        "web: exit code 3",
        "web: to stderr",
    )
    log = guest.base / "sys" / "log" / "web" / "pre-start.stdout.log"
    assert (log.read_text(), oct(log.stat().st_mode & 0o777)) == ("me\n", "0o640")
    assert guest.call("run_script", name="post-start") == {}


def test_scripts_of_different_jobs_run_at_the_same_time(guest: GuestProcess) -> None:
    meet = SCRIPT + "touch {0}/me-{1}; until [ -e {0}/me-{2} ]; do sleep 0.05; done"
    jobs = {a: {"bin/pre-start": meet.format(guest.base, a, b)} for a, b in (("web", "db"), ("db", "web"))}
    guest.apply(jobs)
    assert guest.call("run_script", name="pre-start") == {}


def test_an_errand_gives_its_exit_code_and_output_in_a_clean_environment(guest: GuestProcess) -> None:
    guest.apply({"smoke": {"bin/run": SCRIPT + 'echo "$PATH|$HOME|$LANG|$LEAK"; echo bad >&2; exit 4'}})
    assert guest.call("run_errand", job="smoke") == {
        "exit_code": 4,
        "stdout": f"{guest.base}/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|/root|C.UTF-8|",
        "stderr": "bad",
    }


def test_all_that_an_errand_said_is_there_however_long(guest: GuestProcess) -> None:
    guest.apply({"smoke": {"bin/run": SCRIPT + "seq 1 200000; seq 1 10 >&2"}})
    answer = guest.call("run_errand", job="smoke")
    whole = "".join(f"{number}\n" for number in range(1, 200001)).encode()
    digest = hashlib.sha256(whole).hexdigest()
    assert answer["blobs"] == {"stdout": {"digest": f"sha256:{digest}", "size": len(whole), "left_out": 0}}
    assert (guest.base / "data" / "blobs" / digest).read_bytes() == whole
    assert whole.decode().endswith(f"{answer['stdout']}\n")


def test_a_script_that_leaves_a_daemon_behind_does_not_hold_up_its_caller(guest: GuestProcess) -> None:
    guest.apply({"smoke": {"bin/run": SCRIPT + f"sleep 600 & echo $! > {guest.base}/pid"}})
    assert guest.call("run_errand", job="smoke")["exit_code"] == 0
    os.kill(int((guest.base / "pid").read_text()), 9)


def test_a_director_that_dies_takes_running_scripts_with_it(guest: GuestProcess) -> None:
    pid_file = guest.base / "pid"
    guest.apply({"smoke": {"bin/run": SCRIPT + f"sleep 600 & echo $! > {pid_file}; wait"}})
    guest.send("run_errand", job="smoke")
    until(lambda: pid_file.exists() and pid_file.read_text())
    assert guest.hang_up() == 0
    pid = int(pid_file.read_text())
    until(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text(), seconds=5)


def test_logs_are_packed_by_filter(guest: GuestProcess) -> None:
    for name in ("web/web.log", "web/web.txt", "db/deep/db.log"):
        path = guest.base / "data" / "sys" / "log" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    answer = guest.call("fetch_logs", kind="job", filters=["**/*.log"])
    with tarfile.open(fileobj=io.BytesIO(guest.run("get-blob", answer["digest"]).stdout)) as archive:
        assert archive.getnames() == answer["files"] == ["db/deep/db.log", "web/web.log"]


def test_logs_are_followed_until_the_call_is_cancelled(guest: GuestProcess) -> None:
    log = guest.base / "data" / "sys" / "log" / "web.log"
    log.write_text("one\ntwo\nthree\n")
    call = guest.send("tail_logs", filters=[], lines=2, follow=True)

    def has(line: str) -> bool:
        guest.call("ping")
        return f"web.log: {line}" in guest.progress(call)

    until(lambda: has("three"))
    with log.open("a") as stream:
        stream.write("four\n")
    until(lambda: has("four"))
    guest.write({"cancel": call})
    assert guest.wait(call) == {}
    assert guest.progress(call) == ["web.log: two", "web.log: three", "web.log: four"]


def test_a_file_is_placed_with_its_mode(guest: GuestProcess) -> None:
    path = guest.folder / "etc" / "deep" / "note"
    guest.call("put_file", path=str(path), content_base64=rendered("hello")["content_base64"], mode="0640", owner="")
    assert (path.read_text(), oct(path.stat().st_mode & 0o7777)) == ("hello", "0o640")


@pytest.mark.parametrize(
    ("verb", "arguments", "code"),
    [
        ("dance", {}, "unknown-verb"),
        ("run_script", {"name": 7}, "bad-arguments"),
        ("run_script", {"name": "../../evil"}, "unsafe-name"),
        ("drain", {"type": "slowly"}, "bad-arguments"),
        ("put_file", {"path": "relative", "content_base64": ""}, "unsafe-name"),
        ("put_file", {"path": "/x", "content_base64": "%"}, "bad-arguments"),
        ("ssh", {"action": "setup", "user": "root", "public_key": "k"}, "unsafe-name"),
        ("ssh", {"action": "cleanup", "user": "bosh_x;id"}, "unsafe-name"),
        ("fetch_logs", {"kind": "secret"}, "bad-arguments"),
    ],
)
def test_what_a_verb_cannot_do_is_refused_by_code(
    guest: GuestProcess, verb: str, arguments: dict[str, object], code: str
) -> None:
    with pytest.raises(VerbError) as caught:
        guest.call(verb, **arguments)
    assert caught.value.code == code


def test_a_line_that_is_no_request_is_refused_and_the_guest_goes_on(guest: GuestProcess) -> None:
    guest.write({"verb": "ping"})
    with pytest.raises(VerbError) as caught:
        guest.wait("")
    assert (caught.value.code, guest.call("list_disk")) == ("bad-request", [])
