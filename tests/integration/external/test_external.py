"""An executable as a cloud: what it is run with, what its answers mean, and how it ends."""

import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, LostReplyError, NotFoundError, NotSupportedError
from cpi.contract.values import (
    DiskCid,
    DiskRequest,
    StemcellRequest,
    VmCid,
)
from cpi.plugins import find_plugin
from tests.support.cpi_script import OWNER, Script, vm_request

SECRET = "k-7fa1-very-secret"


def test_a_vm_is_asked_for_as_a_director_asks(script: Script) -> None:
    script.result(create_vm=["vm-1", {"main": {"ip": "10.0.0.5"}}])
    created = script.connect(context={"region": "r1"}).cloud.create_vm(vm_request())
    assert (created.cid, created.networks) == ("vm-1", vm_request().networks)
    (info, _), (request, environment) = script.calls()
    assert (info["method"], "api_version" in info) == ("info", False)
    assert request["arguments"] == [
        "agent",
        "s",
        {"cpu": 1},
        {
            "main": {
                "type": "manual",
                "ip": "10.0.0.5",
                "netmask": "255.255.255.0",
                "prefix": "32",
                "gateway": "10.0.0.1",
                "cloud_properties": {},
            }
        },
        [],
        {"bosh": {"ntp": ["t"], "authorized_keys": ["ssh-ed25519 AAAA key"], "tags": {"deployment": "app"}}},
    ]
    context = request["context"]
    assert isinstance(context, dict)
    assert (context["request_id"], context["region"], request["api_version"]) == ("cpi-env/app/a1", "r1", 2)
    assert environment["PATH"] == "/usr/sbin:/usr/bin:/sbin:/bin"
    assert environment.keys() - {"LC_CTYPE"} <= {"PATH", "HOME", "TMPDIR"}


def test_the_environments_tags_are_told_wherever_a_director_tells_tags(script: Script) -> None:
    script.result(create_vm=["vm-1", {}], attach_disk="/dev/sdb", snapshot_disk="s-1")
    cloud = script.connect(tags={"cost": "7", "deployment": "other"}).cloud
    cloud.create_vm(vm_request())
    cloud.set_vm_metadata(VmCid("v"), {"job": "web"})
    cloud.attach_disk(VmCid("v"), DiskCid("d"))
    cloud.snapshot_disk(DiskCid("d"), OWNER)
    said = {str(request["method"]): request["arguments"] for request, _ in script.calls()}
    env = said["create_vm"][-1]
    assert env["bosh"]["tags"] == {"cost": "7", "deployment": "app"}
    assert said["set_vm_metadata"][1] == {"cost": "7", "deployment": "other", "job": "web"}
    assert said["set_disk_metadata"] == ["d", {"cost": "7", "deployment": "other"}]
    assert said["snapshot_disk"][1] == {"cost": "7", "deployment": "app", "director_name": "env"}
    order = [request["method"] for request, _ in script.calls()]
    assert order.index("set_disk_metadata") < order.index("attach_disk")


def test_without_tags_a_disk_is_told_none(script: Script) -> None:
    script.result(attach_disk="/dev/sdb")
    script.connect().cloud.attach_disk(VmCid("v"), DiskCid("d"))
    assert [request["method"] for request, _ in script.calls()] == ["info", "attach_disk"]


def test_a_script_for_the_first_boot_goes_where_the_settings_say(script: Script) -> None:
    script.result(create_vm=["vm-1", {}])
    script.connect(boot_script="metadata.startup").cloud.create_vm(vm_request())
    arguments = script.calls()[-1][0]["arguments"]
    assert isinstance(arguments, list)
    assert arguments[2]["metadata"]["startup"].startswith("#!/bin/sh")


def test_version_1_answers_with_a_cid_and_no_hint(script: Script) -> None:
    script.result(info={"stemcell_formats": []}, create_vm="vm-1", attach_disk=None)
    cloud = script.connect().cloud
    assert cloud.info().api_version == 1
    assert cloud.create_vm(vm_request()).cid == "vm-1"
    with pytest.raises(NotSupportedError, match="disk-hint-unknown"):
        cloud.attach_disk(VmCid("v"), DiskCid("d"))
    assert script.calls()[-1][0]["api_version"] == 1


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("/dev/sdf", "/dev/sdf"),
        ({"path": "/p"}, "/p"),
        ({"lun": "3", "host_device_id": "x"}, "/dev/disk/azure/scsi1/lun3"),
    ],
)
def test_hints_in_all_forms_become_a_path(script: Script, answer: object, hint: str) -> None:
    script.result(attach_disk=answer)
    assert script.connect().cloud.attach_disk(VmCid("v"), DiskCid("d")) == hint


def test_gone_is_deleted_and_what_is_not_implemented_is_forgiven_where_a_director_forgives(script: Script) -> None:
    cloud = script.connect().cloud
    script.refuse("delete_vm", "VMNotFound")
    cloud.delete_vm(VmCid("v"))
    script.refuse("detach_disk", "DiskNotAttached")
    cloud.detach_disk(VmCid("v"), DiskCid("d"))
    script.refuse("set_vm_metadata", "NotImplemented")
    cloud.set_vm_metadata(VmCid("v"), {})
    script.refuse("has_disk", "NotImplemented")
    assert cloud.has_disk(DiskCid("d"))
    script.refuse("get_disks", "NotImplemented")
    with pytest.raises(NotSupportedError):
        cloud.get_disks(VmCid("v"))
    script.refuse("reboot_vm", "VMNotFound")
    with pytest.raises(NotFoundError):
        cloud.reboot_vm(VmCid("v"))


def test_an_answer_that_cannot_be_read_leaves_a_change_in_doubt_and_a_question_not(script: Script) -> None:
    cloud = script.connect().cloud
    script.answer(create_disk="print('Traceback: boom')", has_vm="print('{}')", delete_disk="sys.exit(7)")
    with pytest.raises(LostReplyError, match="create_disk may have taken effect"):
        cloud.create_disk(DiskRequest(owner=OWNER, size_mib=1))
    with pytest.raises(LostReplyError):
        cloud.delete_disk(DiskCid("d"))
    with pytest.raises(CloudError) as refused:
        cloud.has_vm(VmCid("v"))
    assert type(refused.value) is CloudError


def test_the_exit_code_does_not_matter_once_there_is_an_answer(script: Script) -> None:
    script.answer(create_disk="print(json.dumps(dict(default, result='d-1'))); sys.stdout.flush(); os._exit(3)")
    assert script.connect().cloud.create_disk(DiskRequest(owner=OWNER, size_mib=1)) == "d-1"


def test_secrets_stay_out_of_errors_and_the_log(script: Script) -> None:
    say = f"print('using {SECRET}', file=sys.stderr); print(json.dumps(dict(default, result=True, log='{SECRET} ok')))"
    cloud = script.connect(context={"api_key": SECRET, "region": "r1"}).cloud
    script.answer(has_vm=say)
    assert cloud.has_vm(VmCid("v"))
    script.refuse("reboot_vm", "CloudError", f"bad key {SECRET} in r1")
    with pytest.raises(CloudError, match="bad key <redacted> in r1"):
        cloud.reboot_vm(VmCid("v"))
    log = script.folder / "state" / "cpi.log"
    assert SECRET not in log.read_text()
    assert "using <redacted>" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_run_that_takes_too_long_is_ended_with_what_it_started(script: Script) -> None:
    pid = script.folder / "pid"
    start = f"p = __import__('subprocess').Popen(['sleep', '60']); open('{pid}', 'w').write(str(p.pid)); p.wait()"
    script.answer(reboot_vm=start)
    cloud = script.connect(timeout_s=1.5).cloud
    with pytest.raises(LostReplyError, match="cpi-timed-out"):
        cloud.reboot_vm(VmCid("v"))
    assert _is_gone(int(pid.read_text()))


def test_closing_ends_a_call_and_begins_no_other(script: Script) -> None:
    pid = script.folder / "pid"
    script.answer(reboot_vm=f"open('{pid}', 'w').write(str(os.getpid())); time.sleep(60)")
    connected = script.connect()
    raised: list[CloudError] = []

    def call() -> None:
        try:
            connected.cloud.reboot_vm(VmCid("v"))
        except CloudError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    _wait_for(lambda: pid.exists() and bool(pid.read_text()))
    connected.close()
    thread.join(10)
    assert [type(error) for error in raised] == [LostReplyError]
    assert _is_gone(int(pid.read_text()))
    with pytest.raises(CloudError, match="cpi-not-runnable"):
        connected.cloud.reboot_vm(VmCid("v"))


def test_what_it_leaves_behind_does_not_hold_the_call(script: Script) -> None:
    leave = "p = __import__('subprocess').Popen(['sleep', '5'], start_new_session=True); print(json.dumps(default))"
    script.answer(reboot_vm=leave)
    began = time.monotonic()
    script.connect().cloud.reboot_vm(VmCid("v"))
    assert time.monotonic() - began < 4


def test_too_much_output_is_ended(script: Script) -> None:
    script.answer(reboot_vm="[sys.stdout.write('x' * 1048576) for _ in range(64)]")
    with pytest.raises(LostReplyError, match="cpi-wrote-too-much"):
        script.connect().cloud.reboot_vm(VmCid("v"))


def test_a_light_stemcell_has_an_empty_image(script: Script) -> None:
    script.result(create_stemcell="s-1")
    cloud = script.connect(stemcell={"os": "u", "version": "1", "cloud_properties": {"ami": {"r": "a"}}}).cloud
    request = StemcellRequest(owner=OWNER, os="u", version="1", cloud_properties={"architecture": "x86_64"})
    assert cloud.create_stemcell(request) == "s-1"
    arguments = script.calls()[-1][0]["arguments"]
    assert isinstance(arguments, list)
    assert arguments[1] == {"ami": {"r": "a"}}
    assert Path(arguments[0]).read_bytes() == b""


@pytest.mark.parametrize("name", ["exec:", "exec:relative/cpi", "exec:/nowhere/cpi", "exec:/etc/passwd"])
def test_what_cannot_be_run_is_told_when_connecting(name: str, tmp_path: Path) -> None:
    settings = ConnectSettings(environment="e", state_dir=str(tmp_path), properties={})
    with pytest.raises(CloudError, match="cpi-not-there"):
        find_plugin(name).connect(settings)


def test_wrong_settings_are_told(script: Script) -> None:
    with pytest.raises(CloudError, match="cloud-config-invalid"):
        script.connect(time_out=3)


def _is_gone(pid: int) -> bool:
    def gone() -> bool:
        try:
            return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True

    _wait_for(gone)
    return True


def _wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        os.sched_yield()
        time.sleep(0.01)
