"""Today's prices over TLS from a stand-in for Microsoft's list; without it, the shipped list with its date."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpi.clouds.azure.wire.config import read_config
from cpi.contract.cloud import ConnectSettings, Pricing
from cpi.contract.values import JsonValue, PreflightRequest
from cpi.plugins import find_plugin
from tests.support.azure.faults import Faults, Rule
from tests.support.azure.retail import Retail
from tests.support.azure.tls import make_certificates
from tests.support.azure.wire import Log, serving
from tests.unit.cpi.clouds.azure import requests

LIST = "2025-06-01"
WANTED = PreflightRequest(
    vms=(requests.vm(instance_type="Standard_D2s_v5"), requests.vm(instance_type="Standard_E4s_v5")),
    disks=(requests.disk(1024),),
)


@contextmanager
def _listed(folder: Path, retail: Retail, faults: Faults | None = None) -> Iterator[tuple[Pricing, Log]]:
    certificates, log = make_certificates(folder), Log()
    with serving(certificates, retail.answer, faults=faults or Faults(), log=log) as url:
        endpoints: dict[str, JsonValue] = {"prices": url, "ca_file": certificates.ca}
        written: dict[str, JsonValue] = {
            "subscription_id": "s",
            "tenant_id": "t",
            "location": "westeurope",
            "credentials": {"kind": "cli"},
        }
        settings = ConnectSettings(environment="e", state_dir="", properties={**written, "endpoints": endpoints})
        pricing = find_plugin("azure").connect(settings).pricing
        assert pricing is not None
        yield pricing, log


def _reported(pricing: Pricing) -> dict[str, tuple[str, str]]:
    return {price.what: (price.amount, price.as_of) for price in pricing.price(WANTED)}


def test_what_a_plan_names_is_asked_for_and_nothing_else(tmp_path: Path) -> None:
    retail = Retail(hours={"Standard_D2s_v5": 0.111, "Standard_E4s_v5": 0.304, "Standard_B2s": 0.05})
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    with _listed(tmp_path, retail) as (pricing, log):
        before = _reported(pricing)
        assert pricing.refresh(WANTED)
        assert _reported(pricing) == {
            "Standard_D2s_v5": ("0.111", today),
            "Standard_E4s_v5": ("0.304", today),
            "StandardSSD_LRS disk of 1 GiB": before["StandardSSD_LRS disk of 1 GiB"],
            "StandardSSD_LRS disk of 30 GiB": before["StandardSSD_LRS disk of 30 GiB"],
        }
    assert before["Standard_E4s_v5"] == ("", LIST)
    (filters,) = {call.request.query["$filter"] for call in log.calls()}
    assert "Standard_B2s" not in filters
    assert len(log.calls()) > 1


@pytest.mark.parametrize(
    "rule",
    [Rule(path="", status=503, times=9), Rule(path="", status=200, body={"Items": [{"retailPrice": "free"}]}, times=9)],
    ids=["unreachable", "strange"],
)
def test_what_cannot_be_had_or_read_leaves_the_list(tmp_path: Path, rule: Rule) -> None:
    faults = Faults()
    faults.rules = [rule]
    with _listed(tmp_path, Retail(hours={"Standard_D2s_v5": 9.0}), faults) as (pricing, log):
        before = _reported(pricing)
        assert not pricing.refresh(WANTED)
        assert _reported(pricing) == before
    assert len(log.calls()) == 1


def test_an_azure_elsewhere_has_no_public_list() -> None:
    plain: dict[str, JsonValue] = {
        "subscription_id": "s",
        "tenant_id": "t",
        "location": "l",
        "credentials": {"kind": "cli"},
    }
    stack = read_config({**plain, "endpoints": {"resource_manager": "https://management.stack.example"}})
    assert stack.where().prices == ""
    assert read_config({**plain, "environment": "AzureChinaCloud"}).where().prices == ""
    assert read_config(plain).where().prices == "https://prices.azure.com"
