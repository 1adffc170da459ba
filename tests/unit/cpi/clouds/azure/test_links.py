"""Where Azure's answers lead: the same server however it is written, and no other."""

from collections.abc import Mapping

import pytest
from azure.core.credentials import AccessToken

from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.pipeline import Address
from cpi.clouds.azure.wire.underway import Underway
from cpi.contract.errors import CloudError
from cpi.kit.operation_clock import OperationClock
from tests.support.azure.answers import Reply, Request
from tests.support.azure.direct import make_transport
from tests.support.azure.faults import Faults, Rule
from tests.support.azure.wire import Log

LIST = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines"
NEXT = f"{LIST}?api-version=2024-03-01&$skiptoken=x"
OPERATION = "/subscriptions/s/providers/Microsoft.Compute/locations/westeurope/operations/o"


class _Token:
    def get_token(self, *scopes: str, **_more: object) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


def _api(base: str, answers: Mapping[str, Reply], log: Log) -> Api:
    def answer(request: Request, _rule: Rule | None) -> Reply:
        return answers["next" if "$skiptoken" in request.query else request.method + " " + request.path.split("/")[-1]]

    clock = OperationClock(now_s=lambda: 0.0, wall_s=lambda: 0.0, sleep=lambda _: None)
    transport = make_transport(answer, Faults(), log)
    return Api(Address(url=base, scope="x"), _Token(), clock=clock, limit_s=5, transport=transport)


@pytest.mark.parametrize(
    ("base", "leading"),
    [
        ("https://management.azure.com", "https://management.azure.com:443"),
        ("https://management.azure.com:443/", "https://management.azure.com"),
        ("https://management.azure.com", "https://Management.Azure.com"),
        ("https://management.azure.com", ""),
    ],
)
def test_a_link_and_an_operation_may_name_the_usual_port(base: str, leading: str) -> None:
    log, running = Log(), {"Azure-AsyncOperation": f"{leading}{OPERATION}"}
    answers = {
        "GET virtualMachines": Reply(status=200, body={"value": [{"name": "a"}], "nextLink": f"{leading}{NEXT}"}),
        "next": Reply(status=200, body={"value": [{"name": "b"}]}),
        "DELETE a": Reply(status=202, headers=running),
        "GET o": Reply(status=200, body={"status": "Succeeded"}),
    }
    api = _api(base, answers, log)
    assert [vm["name"] for vm in api.list(LIST)] == ["a", "b"]
    with pytest.raises(Underway) as under_way:
        api.delete(f"{LIST}/a")
    assert api.look(under_way.value.operation) == (None, {"status": "Succeeded"})
    assert [call.words for call in log.calls()][-1] == f"GET {OPERATION}"


@pytest.mark.parametrize(
    "leading", ["https://management.azure.com:8443", "http://management.azure.com", "https://management.azure.com.evil"]
)
def test_a_link_to_another_server_gets_no_token(leading: str) -> None:
    log = Log()
    first = Reply(status=200, body={"value": [], "nextLink": f"{leading}{NEXT}"})
    with pytest.raises(CloudError) as caught:
        _api("https://management.azure.com", {"GET virtualMachines": first}, log).list(LIST)
    assert caught.value.code == "answer-leads-elsewhere"
    assert len(log.calls()) == 1
