"""Answers that are not the cloud's, such as a page of a proxy: never "nothing is there", never "it is gone"."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError, LostReplyError, Retry
from cpi.contract.values import JsonValue, OwnerQuery, VmCid
from cpi.plugins import find_plugin

PAGE = b"<html><body>Sign in to this network</body></html>"
BODIES = {
    "page": PAGE,
    "nothing": b"",
    "json": b"{}",
    "deep": b"[" * 100_000,
    "cut off": b"<DescribeInst",
    "noise": b"\xff\x00",
}


def _connect_aws(url: str, folder: Path) -> ConnectedCloud:
    return _connect("aws", folder, region="eu-central-1", access_key_id="a", secret_access_key="s", endpoint_url=url)


def _connect_openstack(url: str, folder: Path) -> ConnectedCloud:
    login = {"username": "u", "api_key": "hush", "project": "p", "domain": "Default"}
    return _connect("openstack", folder, auth_url=f"{url}/v3", **login)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_aws_is_not_empty_because_a_proxy_answers(tmp_path: Path, body: bytes) -> None:
    with _answering(200, body) as url:
        error = _error(lambda: _found(_connect_aws(url, tmp_path)))
    assert (error.code, error.retry) == ("answer-malformed", Retry.SAFE)


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_vm_of_aws_is_not_gone_because_a_proxy_does_not_find_the_page(tmp_path: Path, status: int) -> None:
    with _answering(status, PAGE) as url:
        error = _error(lambda: _connect_aws(url, tmp_path).cloud.delete_vm(VmCid("i-0123456789abcdef0")))
    assert error.code == "answer-malformed"


def test_a_change_on_aws_that_a_proxy_answers_is_in_doubt(tmp_path: Path) -> None:
    with _answering(200, PAGE) as url:
        error = _error(lambda: _connect_aws(url, tmp_path).cloud.reboot_vm(VmCid("i-0123456789abcdef0")))
    assert isinstance(error, LostReplyError) or error.retry is Retry.SAFE


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_answers_in_keystones_place_is_not_called_a_wrong_login(tmp_path: Path, body: bytes) -> None:
    with _answering(200, body) as url:
        error = _error(lambda: _found(_connect_openstack(url, tmp_path)))
    assert error.code == "endpoint-wrong"


def _connect(cloud: str, folder: Path, **properties: JsonValue) -> ConnectedCloud:
    return find_plugin(cloud).connect(ConnectSettings(environment="env", state_dir=str(folder), properties=properties))


def _found(connected: ConnectedCloud) -> object:
    assert connected.finder is not None
    return connected.finder.find_vms(OwnerQuery(environment="env"))


def _error(call: Callable[[], object]) -> CloudError:
    with pytest.raises(CloudError) as caught:
        call()
    return caught.value


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[str]:
    """A server that gives the same to every request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
