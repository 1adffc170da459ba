"""Which calls go through Microsoft's management packages, and what the packages may not do on their own."""

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.packages.clients import Clients
from cpi.clouds.azure.wire.pipeline import Address, signed
from cpi.clouds.azure.wire.underway import Underway
from cpi.contract.errors import CloudError, ConflictError, DeniedError, LostReplyError, Retry, ThrottledError
from cpi.kit.operation_clock import OperationClock
from tests.support.azure.answers import Reply, Request
from tests.support.azure.direct import make_transport
from tests.support.azure.faults import Faults, Rule
from tests.support.azure.wire import Log

ADDRESS = Address(url="https://management.azure.com", scope="x")
GROUP = "/subscriptions/s/resourceGroups/g"
VM = f"{GROUP}/providers/{names.VM}/v"
ACCOUNT = f"{GROUP}/providers/{names.ACCOUNT}/a"
OURS = (names.VM, names.DISK, names.IMAGE, names.SNAPSHOT, names.SET, names.ACCOUNT)
NETWORKS = (names.NIC, names.NETWORK, names.ADDRESS, names.GROUP, names.NAT)
TYPED = (
    *((verb, f"{GROUP}/providers/{kind}/x") for kind in (*OURS, *NETWORKS) for verb in ("get", "put", "delete")),
    *(("list", f"{GROUP}/providers/{kind}") for kind in (*OURS, *NETWORKS)),
    ("get", GROUP),
    ("put", GROUP),
    ("delete", GROUP),
    ("list", f"{GROUP}/resources"),
    ("get", "/subscriptions/s/providers/Microsoft.Compute"),
    ("post", "/subscriptions/s/providers/Microsoft.Compute/register"),
    ("patch", VM),
    ("post", f"{VM}/restart"),
    ("list", f"/subscriptions/s/providers/{names.VM}"),
    ("post", f"{ACCOUNT}/listKeys"),
    ("put", f"{ACCOUNT}/blobServices/default/containers/c"),
    ("list", "/subscriptions/s/providers/Microsoft.Network/locations/westeurope/usages"),
)
UNTYPED = (
    ("get", "/subscriptions/s"),
    ("list", "/subscriptions/s/locations"),
    ("list", "/subscriptions/s/providers/Microsoft.Compute/skus"),
    ("list", f"{GROUP}/providers/Microsoft.Authorization/locks"),
    ("put", f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/r"),
    ("put", "/subscriptions/s/providers/Microsoft.Compute/locations/l/providers/Microsoft.Quota/quotas/cores"),
    ("list", "/v1.0/applications"),
)


class Tokens:
    """Gives a new token for each claims challenge, and remembers the claims."""

    def __init__(self) -> None:
        self.claims: list[str | None] = []

    def get_token(self, *_scopes: str, claims: str | None = None, **_more: object) -> AccessToken:
        self.claims.append(claims)
        return AccessToken(f"token-{len(self.claims)}", 4_000_000_000)


def _api(answers: list[Reply], log: Log, tokens: Tokens | None = None) -> Api:
    left = iter(answers)

    def answer(_request: Request, _rule: Rule | None) -> Reply:
        return next(left)

    clock = OperationClock(now_s=lambda: 0.0, wall_s=lambda: 0.0, sleep=lambda _: None)
    transport = make_transport(answer, Faults(), log)
    return Api(ADDRESS, tokens or Tokens(), clock=clock, limit_s=5, transport=transport)


@pytest.fixture(scope="module")
def clients() -> Clients:
    tokens = Tokens()
    return Clients(ADDRESS, tokens, policies=signed(ADDRESS, tokens), transport=make_transport(_never, Faults(), Log()))


def _never(_request: Request, _rule: Rule | None) -> Reply:
    raise AssertionError("connecting sends nothing")


def test_what_a_package_has_goes_through_the_package(clients: Clients) -> None:
    assert [call for call in TYPED if clients.find(*call) is None] == []


def test_what_no_package_has_is_sent_by_azure_core(clients: Clients) -> None:
    assert [call for call in UNTYPED if clients.find(*call) is not None] == []


def _sent(log: Log) -> list[tuple[str, str, Any]]:
    return [(call.request.method, call.request.query["api-version"], call.request.body) for call in log.calls()]


def test_each_call_has_our_api_version_and_our_body_byte_for_byte() -> None:
    log, body = Log(), {"location": "westeurope", "id": "read-only", "strange": {"New": None}, "tags": {}}
    api = _api([Reply(status=200, body={}) for _ in range(4)], log)
    for path in (VM, f"{GROUP}/providers/{names.DISK}/d", f"{GROUP}/providers/{names.NIC}/n", GROUP):
        api.put(path, body, waits=False)
    versions = ("2024-03-01", "2023-10-02", "2024-01-01", "2024-03-01")
    assert _sent(log) == [("PUT", version, body) for version in versions]


def test_an_account_that_is_accepted_without_a_body_is_accepted() -> None:
    log = Log()
    running = {"Location": f"{ADDRESS.url}{GROUP}/operations/o"}
    api = _api([Reply(status=202, headers=running), Reply(status=200, body={"name": "a"})], log)
    with pytest.raises(Underway) as under_way:
        api.put(ACCOUNT, {"location": "westeurope"})
    assert api.look(under_way.value.operation) == (None, {"name": "a"})
    assert [call.request.method for call in log.calls()] == ["PUT", "GET"]


def test_an_answer_is_given_as_azure_sent_it() -> None:
    vm = {"name": "v", "properties": {"timeCreated": "2026-01-02T03:04:05.1234567+00:00", "new": {"Thing": [1]}}}
    api = _api([Reply(status=200, body=vm), Reply(status=200, body={"value": [vm]})], Log())
    assert api.get(VM) == vm
    assert api.list(f"{GROUP}/providers/{names.VM}") == (vm,)


def _refusal(status: int, code: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "message": "no"}}, headers=headers or {})


def test_a_throttled_call_is_raised_at_once_with_its_pause() -> None:
    log = Log()
    with pytest.raises(ThrottledError) as caught:
        _api([_refusal(429, "TooManyRequests", {"Retry-After": "11"})], log).put(VM, {"location": "l"})
    assert (caught.value.after_s, len(log.calls())) == (11.0, 1)


def test_refusals_are_ours_whichever_way_a_call_goes() -> None:
    with pytest.raises(ConflictError):
        _api([_refusal(409, "NicInUse")], Log()).delete(VM)
    with pytest.raises(DeniedError):
        _api([_refusal(403, "AuthorizationFailed")], Log()).list(f"{GROUP}/providers/{names.DISK}")
    assert _api([_refusal(404, "ResourceNotFound")], Log()).get(VM) is None


def test_a_claims_challenge_is_answered_with_a_new_token() -> None:
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    log, tokens = Log(), Tokens()
    replies = [Reply(status=401, headers={"WWW-Authenticate": challenge}), Reply(status=200, body={"name": "v"})]
    assert _api(replies, log, tokens).get(VM) == {"name": "v"}
    assert tokens.claims == [None, '{"access_token":{}}']
    assert [call.request.headers["authorization"] for call in log.calls()] == ["Bearer token-1", "Bearer token-2"]


def test_no_thread_of_a_package_watches_an_operation() -> None:
    before = threading.active_count()
    running = {"Azure-AsyncOperation": f"{ADDRESS.url}{GROUP}/operations/o"}
    log = Log()
    _api([Reply(status=201, body={"name": "v"}, headers=running)], log).put(VM, {"location": "l"}, waits=False)
    assert (threading.active_count(), len(log.calls())) == (before, 1)


def test_an_answer_that_is_no_json_is_lost_for_a_change_and_may_be_repeated_for_a_look() -> None:
    page = Reply(status=200, body="<html>a proxy</html>")
    with pytest.raises(LostReplyError):
        _api([page], Log()).put(VM, {"location": "l"})
    with pytest.raises(CloudError) as caught:
        _api([page], Log()).get(VM)
    assert (caught.value.code, caught.value.retry) == ("answer-malformed", Retry.SAFE)


def test_a_page_of_a_proxy_is_not_the_word_that_something_is_gone() -> None:
    page = Reply(status=404, body="<html>no such page</html>")
    with pytest.raises(CloudError) as deleting:
        _api([page], Log()).delete(VM)
    with pytest.raises(CloudError) as looking:
        _api([page], Log()).get(VM)
    assert (deleting.value.code, looking.value.code) == ("answer-malformed", "answer-malformed")


@pytest.mark.parametrize("path", [f"{GROUP}/providers/{names.DISK}", "/subscriptions/s/locations"])
def test_a_list_whose_pages_lead_to_themselves_ends(path: str) -> None:
    page = Reply(status=200, body={"value": [], "nextLink": f"{ADDRESS.url}{path}?page=2"})
    with pytest.raises(CloudError) as caught:
        _api([page] * 1001, Log()).list(path)
    assert caught.value.code == "list-endless"


def test_connecting_imports_no_management_client() -> None:
    shown = "print(json.dumps([name for name in sys.modules if name.startswith('azure.mgmt.')]))"
    program = f"import sys, json, cpi.clouds.azure.connect; {shown}"
    reported = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert {name.split(".")[2] for name in json.loads(reported.stdout)} == {"core"}
