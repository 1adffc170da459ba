"""Each row of the table of wrong settings for OpenStack: as real services told it, or with one answer spoiled."""

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import DiskCid, PreflightRequest, VmCid
from tests.contract.recorded import test_openstack
from tests.support import bad_settings
from tests.support.openstack import planted, story, tape

ID = "292847c8-3ce2-437f-a172-83b98111122f"
MISSING = {"itemNotFound": {"code": 404, "message": "It could not be found."}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """The answer to the first exchange that begins so; the story ends after `more`."""

    asked: str
    status: int
    answer: Any
    more: tuple[Mapping[str, Any], ...] = field(default=())


def _settings(here: str, **more: object) -> config.OpenStackConfig:
    login = {"auth_url": f"{here}/5000/v3", "username": "ostest", "api_key": "hush", "project": "ostest"}
    return config.read_config({**login, "region": "RegionOne", "image": "bookworm-tiny", **more})  # type: ignore[dict-item]


def _ask(here: str, **settings: object) -> list[str]:
    preflight = connect_cloud(_settings(here, **settings), story.ENVIRONMENT).preflight
    assert preflight is not None
    return [one.code for one in preflight.preflight(PreflightRequest())]


@contextlib.contextmanager
def _spoiled(spoiled: Spoiled) -> Iterator[ConnectedCloud]:
    exchanges = tape.load(test_openstack.TAPE)
    at = next(n for n, one in enumerate(exchanges) if one["asked"].startswith(spoiled.asked))
    last = {**exchanges[at], "status": spoiled.status, "answer": spoiled.answer}
    with tape.playing([*exchanges[:at], last, *map(dict, spoiled.more)]) as player:
        yield connect_cloud(_settings(player.here), story.ENVIRONMENT)


def _tell(spoiled: Spoiled) -> None:
    with _spoiled(spoiled) as connected:
        story.report(connected)


def _call(path: str, call: Callable[[ConnectedCloud], object]) -> None:
    """After a login, of something that is not there."""
    login = tape.load(test_openstack.TAPE)[0]
    gone = {"asked": f"GET {path}", "body": None, "status": 404, "answer": MISSING}
    with tape.playing([login, gone]) as player:
        call(connect_cloud(_settings(player.here), story.ENVIRONMENT))


def _project() -> str:
    """Whose login the tape has: it is part of Cinder's addresses."""
    return str(tape.load(test_openstack.TAPE)[0]["answer"]["token"]["project"]["id"])


def _ask_nobody() -> list[str]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return _ask(f"http://127.0.0.1:{held.getsockname()[1]}")


def _ask_untrusted() -> list[str]:
    """The player speaks no TLS: a handshake with it fails, as one with a wrong certificate does."""
    with tape.playing([]) as player:
        return _ask(player.here.replace("http:", "https:"))


def _ask_elsewhere() -> list[str]:
    nothing = {"asked": "POST /5000/v3/auth/tokens", "body": None, "status": 404, "answer": MISSING}
    with tape.playing([nothing]) as player:
        return _ask(player.here)


def _ask_about_no_cloud() -> list[str]:
    settings = config.read_config({"cloud": "nobodys", "clouds_file": "/no/such/clouds.yaml"})
    preflight = connect_cloud(settings, story.ENVIRONMENT).preflight
    assert preflight is not None
    return [one.code for one in preflight.preflight(PreflightRequest())]


def _quota(reported: str) -> Mapping[str, Any]:
    return {"forbidden": {"code": 403, "message": f"Quota exceeded for {reported}"}}


_REFUSED = {
    "error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}
}
_NO_LOGIN = {"asked": "POST /5000/v3/auth/tokens", "body": None, "status": 401, "answer": _REFUSED}
_FORBIDDEN = {"NeutronError": {"type": "PolicyNotAuthorized", "message": "rule:create_port is disallowed by policy"}}
_FOREIGN = {"routers": [{"id": ID, "name": "recorded-router", "description": "", "external_gateway_info": None}]}
_NO_NETWORK = {"NeutronError": {"type": "NetworkNotFound", "message": f"Network {ID} could not be found."}}

CASES: Mapping[str, Callable[[], object]] = {
    "an unknown setting": lambda: _settings("http://here", regoin="x"),
    "an invalid auth_url": lambda: _settings("here"),
    "no project": lambda: _settings("http://here", project=""),
    "an application credential without its secret": lambda: _settings("http://here", application_credential_id="a"),
    "a cloud that is not in clouds.yaml": _ask_about_no_cloud,
    "an auth_url with a closed port": _ask_nobody,
    "an auth_url with an untrusted certificate": _ask_untrusted,
    "an auth_url without a Keystone": _ask_elsewhere,
    "credentials that expired during the command": lambda: _tell(
        Spoiled(asked="POST /9696/v2.0/ports", status=401, answer=_REFUSED, more=(_NO_LOGIN, _NO_LOGIN))
    ),
    "a permission that was revoked": lambda: _tell(
        Spoiled(asked="POST /9696/v2.0/ports", status=403, answer=_FORBIDDEN)
    ),
    "a quota that was used up during the command": lambda: _tell(
        Spoiled(
            asked="POST /8776/v3", status=413, answer={"overLimit": {"code": 413, "message": "VolumeLimitExceeded"}}
        )
    ),
    "a login portal that answers instead of OpenStack": lambda: _tell(
        Spoiled(asked="GET /9696/v2.0/routers", status=200, answer="<html>Please sign in</html>")
    ),
    "a network that was deleted outside compleat": lambda: _tell(
        Spoiled(asked="POST /9696/v2.0/ports", status=404, answer=_NO_NETWORK)
    ),
    "a VM that was deleted outside compleat": lambda: _call(
        f"/8774/v2.1/servers/{ID}", lambda cloud: cloud.cloud.get_disks(VmCid(ID))
    ),
    "a disk that was deleted outside compleat": lambda: _call(
        f"/8776/v3/{_project()}/volumes/{ID}",
        lambda cloud: cloud.cloud.resize_disk(DiskCid(ID), 2048),
    ),
    "a router of another owner with the same name": lambda: _tell(
        Spoiled(asked="GET /9696/v2.0/routers", status=200, answer=_FOREIGN)
    ),
}
"""What makes a row wrong here: gives the codes of what doctor finds, or raises."""

PLANTED: Mapping[str, str] = {
    "a wrong password": "credentials-refused",
    "an unknown user": "credentials-refused:user",
    "an unknown project": "credentials-refused:project",
    "a password or application credential that expires soon": "credentials-expiring",
    "a login that may only read": "permissions-doubtful",
    "an unknown region": "service-missing",
    "an unknown external network": "external-network-missing",
    "DNS names on a cloud without DNS": "dns-names-not-supported",
    "a quota that is too low": "quota-exceeded:cores",
    "an unknown flavor": "unknown-instance-type",
    "an unknown image": "unknown-image",
    "an unknown availability zone": "unknown-zone",
    "an unknown volume type": "unknown-volume-type",
    "an unknown key pair": "unknown-key-pair",
    "an unknown network": "unknown-network",
    "an unknown security group": "unknown-security-group",
    "an unknown cloud property": "unknown-cloud-property",
    "an invalid cloud property": "wrong-cloud-property",
    "an address that is in use": "address-taken",
    "networks whose ranges overlap": "ranges-overlap",
}
"""Rows that were made wrong in the real services, by the name of what was planted there."""


def test_every_row_of_the_table_is_made_wrong_here_or_in_the_real_services() -> None:
    assert {row.wrong for row in bad_settings.OPENSTACK} == {*CASES, *PLANTED}


@pytest.mark.parametrize(
    "row", [row for row in bad_settings.OPENSTACK if row.wrong in CASES], ids=lambda row: row.wrong
)
def test_what_is_wrong_is_told_by_its_code(row: bad_settings.Reported) -> None:
    bad_settings.require(row, CASES[row.wrong])


def test_what_was_planted_is_told_by_the_table_s_code() -> None:
    expected = planted.expected()
    reported = {row.wrong: [row.code] for row in bad_settings.OPENSTACK if row.wrong in PLANTED}
    assert reported == {wrong: expected[name] for wrong, name in PLANTED.items()}
