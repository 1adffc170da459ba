"""An upload of a stemcell's image is interrupted at each call; the next command leaves one image, and no parts."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.long_running import LongRunning, Pending
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.plugins import find_plugin
from cpi.serve import server
from cpi.serve.server import ServedPlugin
from tests.contract.cloud.clouds import CLOUDS
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support import disk_images, heavy
from tests.support.aws import faults as aws
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.azure import pages
from tests.support.azure.faults import Act, Rule
from tests.support.azure.stand_in import azure_stand_in, held_images

AZURE_TROUBLES = {"lost": Act.LOST, "reset": Act.RESET, "server error": Act.ANSWER}
_TROUBLES = {"lost before": aws.NO_ANSWER_BEFORE, "reset": aws.RESET}


@pytest.mark.parametrize(("trouble", "is_reborn"), [("lost before", False), ("reset", True)])
def test_an_upload_to_aws_that_was_cut_is_finished_by_whoever_goes_on(
    trouble: str, is_reborn: bool, tmp_path: Path
) -> None:
    """The same action again, or one of a director that was born later."""
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    request, before = heavy.request_of(ENVIRONMENT, disk_images.write_raw(tmp_path)), subject.held()
    length = len(emulator.calls())
    subject.connected.cloud.delete_stemcell(subject.connected.cloud.create_stemcell(request))
    calls = emulator.calls()[length:-2]
    for at, call in enumerate(calls):
        rule = replace(_TROUBLES[trouble], skip=at)
        emulator.faults.add(rule)
        cid = heavy.finish(subject.connected, heavy.by(request, f"a{at}"), is_reborn=is_reborn)
        emulator.faults.clear()
        assert rule.times == 0, "nothing was tried"
        assert _more(subject, before) == {"image": 1, "snapshot": 1}, f"after trouble at {call}"
        subject.connected.cloud.delete_stemcell(cid)
        assert subject.held() == before, f"after trouble at {call}"
    assert len(calls) >= 10


@pytest.mark.parametrize("trouble", AZURE_TROUBLES)
def test_an_upload_to_azure_that_was_cut_is_made_anew_and_leaves_nothing(trouble: str, tmp_path: Path) -> None:
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=azure.settings())
        made = prepare(find_plugin("azure").connect(settings))
        subject = replace(made, held=lambda: held_images(azure))
        request, before = heavy.request_of(ENVIRONMENT, disk_images.write_vhd(tmp_path)), subject.held()
        azure.log.clear()
        subject.connected.cloud.create_stemcell(request)
        calls = [call.words for call in azure.log.calls()]
        subject.connected.cloud.delete_stemcell(subject.connected.cloud.create_stemcell(request))
        for at in range(-1, len(calls)):
            faults, skip = (azure.faults, at) if at >= 0 else (azure.blob_faults, 0)
            rule = Rule(path="/", skip=skip, act=AZURE_TROUBLES[trouble])
            faults.rules = [rule]
            cid = heavy.finish(subject.connected, heavy.by(request, f"a{at}"), is_reborn=bool(at % 2))
            faults.rules = []
            assert rule.times == 0, "nothing was tried"
            assert _more(subject, before) == {"images": 1}, f"after trouble at {calls[at]}"
            subject.connected.cloud.delete_stemcell(cid)
            assert subject.held() == before, f"after trouble at {calls[at]}"
        assert len(calls) >= 10


@pytest.mark.parametrize("has_handle", [True, False])
def test_an_upload_to_azure_continues_in_another_process_wherever_the_first_one_ends(
    has_handle: bool, tmp_path: Path
) -> None:
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=azure.settings())
        plugin = find_plugin("azure")
        subject = replace(prepare(plugin.connect(settings)), held=lambda: held_images(azure))
        image = disk_images.write_vhd(tmp_path)
        before, texts = subject.held(), _sweep(lambda: plugin.connect(settings), subject, image, has_handle=has_handle)
        assert subject.held() == before
        assert {text.rpartition("/")[2] for text in texts if "Access" in text} == {"beginGetAccess", "endGetAccess"}
        assert {text.split()[1] for text in texts} >= {"PUT", "POST", "DELETE"}


@pytest.mark.parametrize("has_handle", [True, False])
def test_an_upload_to_aws_continues_in_another_process_wherever_the_first_one_ends(
    has_handle: bool, tmp_path: Path
) -> None:
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    emulator.front.direct.slow = 3
    image, before = disk_images.write_raw(tmp_path), subject.held()
    texts = _sweep(lambda: shared.connect(emulator, ENVIRONMENT), subject, image, has_handle=has_handle)
    emulator.front.direct.slow = 0
    assert {text.rpartition(" ")[0] for text in texts} == {"AWS: processing snapshot"}
    assert subject.held() == before


def _sweep(connect: Callable[[], ConnectedCloud], subject: Subject, image: Path, *, has_handle: bool) -> list[str]:
    """Leave an upload after each of its answers and let another process finish it; gives what was waited for."""
    texts: list[str] = []
    for at in range(1, 100):
        request, before = heavy.request_of(ENVIRONMENT, image, action=f"p{at}"), subject.held()
        calls = _calls(connect())
        cid, left = _upload(calls, request, answers=at)
        texts += [left.text] if left is not None else []
        if cid is None:
            handle = left.handle if left is not None and has_handle else ""
            cid, _ = _upload(_calls(connect()), request, answers=100, handle=handle)
        assert cid is not None
        assert set(_more(subject, before).values()) == {1}, f"after {texts[-1:]}: {_more(subject, before)}"
        subject.connected.cloud.delete_stemcell(cid)
        if left is None:
            return texts
    raise AssertionError("the upload never ended")


def _calls(connected: ConnectedCloud) -> LongRunning:
    assert connected.long_running is not None
    return connected.long_running


def _upload(
    calls: LongRunning, request: StemcellRequest, *, answers: int, handle: str = ""
) -> tuple[StemcellCid | None, Pending | None]:
    """As the engine does: call, look until the operation ended, call again; leave after so many answers."""
    left: Pending | None = None
    for _ in range(answers):
        left = calls.look(handle) if handle else None
        made = left or calls.create_stemcell(request)
        if not isinstance(made, Pending):
            return made, None
        left, handle = made, made.handle
        assert pages.SIGNATURE not in handle
    return None, left


def test_the_url_that_a_disk_is_written_through_is_told_to_nobody(tmp_path: Path) -> None:
    """Its holder may write the disk: no refusal and no lost reply names its signature."""
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        request = heavy.request_of(ENVIRONMENT, disk_images.write_vhd(tmp_path))
        for rule in (Rule(path="/", act=Act.RESET), Rule(path="/", status=403), Rule(path="/", status=500)):
            azure.blob_faults.rules = [rule]
            with pytest.raises(CloudError) as raised:
                subject.connected.cloud.create_stemcell(request)
            reported = f"{raised.value!r} {raised.value.what} {raised.value.why} {raised.value.fix}"
            assert (rule.times, pages.SIGNATURE in reported) == (0, False)


def test_only_what_is_not_marked_as_sent_is_sent_again(tmp_path: Path) -> None:
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    path = tmp_path / "disk"
    path.write_bytes(disk_images.raw_bytes() * 20)
    request = heavy.request_of(ENVIRONMENT, path)
    emulator.faults.add(aws.Rule(action="*", skip=75, trouble=aws.NO_ANSWER_BEFORE.trouble))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_stemcell(request)
    (unfinished,) = [one for one in heavy.found(subject.connected, ENVIRONMENT) if not one.is_whole]
    assert unfinished.owner == request.owner
    subject.connected.cloud.create_stemcell(request)
    (written,) = emulator.front.direct.written.values()
    assert (len(written.blocks), written.bytes >> 19 < 80 + 16) == (80, True)


def test_a_snapshot_that_aws_cancelled_is_deleted_and_the_image_sent_anew(tmp_path: Path) -> None:
    subject = CLOUDS["aws"](tmp_path)
    emulator = shared.same_emulator()
    before, request = subject.held(), heavy.request_of(ENVIRONMENT, disk_images.write_raw(tmp_path))
    emulator.faults.add(aws.Rule(action="*", skip=7, trouble=aws.NO_ANSWER_BEFORE.trouble))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_stemcell(request)
    (cid,) = emulator.front.direct.written
    emulator.front.direct.fail(cid)
    subject.connected.cloud.create_stemcell(request)
    assert _more(subject, before) == {"image": 1, "snapshot": 1}


def test_what_was_not_sent_to_the_end_is_swept_by_its_cid(tmp_path: Path) -> None:
    subject = CLOUDS["aws"](tmp_path)
    before = subject.held()
    shared.same_emulator().faults.add(aws.Rule(action="*", skip=7, trouble=aws.NO_ANSWER_BEFORE.trouble))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_stemcell(heavy.request_of(ENVIRONMENT, disk_images.write_raw(tmp_path)))
    (unfinished,) = [one for one in heavy.found(subject.connected, ENVIRONMENT) if not one.is_whole]
    subject.connected.cloud.delete_stemcell(unfinished.cid)
    assert subject.held() == before


def test_a_director_of_bosh_gets_one_stemcell_though_connections_break_and_calls_die(tmp_path: Path) -> None:
    """Through the CPI: a break is gone over; a process that died is followed by one with another request id."""
    subject = CLOUDS["aws"](tmp_path)
    emulator, before = shared.same_emulator(), subject.held()
    emulator.faults.add(replace(aws.RESET, skip=7))
    emulator.faults.add(replace(aws.UNAVAILABLE, times=100, skip=12))
    assert "server-error: AWS answered" in str(_asked(emulator, tmp_path, "cpi-111111")["error"])
    emulator.faults.clear()
    emulator.faults.add(replace(aws.RESET, skip=5))
    answer = _asked(emulator, tmp_path, "cpi-222222")
    assert (answer["error"], _more(subject, before)) == (None, {"image": 1, "snapshot": 1})
    subject.connected.cloud.delete_stemcell(StemcellCid(str(answer["result"])))
    assert subject.held() == before


def _asked(emulator: Emulator, folder: Path, request_id: str) -> dict[str, Any]:
    """create_stemcell, as BOSH's director asks for it."""
    config = folder / "cpi.json"
    config.write_text(json.dumps({"environment": ENVIRONMENT, "properties": emulator.settings()}))
    image = disk_images.pack(disk_images.write_raw(folder), name="root.img")
    request = {
        "method": "create_stemcell",
        "arguments": [str(image), {"infrastructure": "aws", "os_distro": "own", "version": "1.2"}],
        "context": {"director_uuid": "uuid", "request_id": request_id},
        "api_version": 2,
    }
    service = ServedPlugin(plugin="aws", config=str(config), sleep=lambda _: None)
    answer: dict[str, Any] = json.loads(server.answer(service, json.dumps(request).encode()))
    return answer


def _more(subject: Subject, before: tuple[str, ...]) -> dict[str, int]:
    """What there is more than before, by kind."""
    more = Counter(subject.held()) - Counter(before)
    return dict(Counter(one.partition(" ")[0] for one in more.elements()))
