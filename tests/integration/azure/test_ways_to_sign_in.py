"""Ways to sign in to Azure beside a secret, each with right and wrong values, at the stand-in's sign-in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import DeniedError
from cpi.contract.values import OwnerQuery
from cpi.plugins import find_plugin
from tests.support.azure.login import CLIENT
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.certificates import make_certificate

TOKEN = "ey.ey.other-provider"


@pytest.fixture(name="azure")
def _azure(tmp_path: Path) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path / "tls") as azure:
        yield azure


def test_a_certificate_of_the_application_signs_in(azure: StandIn, tmp_path: Path) -> None:
    pem, public = make_certificate("geheim")
    file = tmp_path / "principal.pem"
    file.write_text(pem)
    azure.login.certificates[CLIENT] = public
    written = {"kind": "certificate", "client_id": CLIENT, "path": str(file), "password": "geheim"}
    _ask(azure, written)
    azure.login.certificates[CLIENT] = make_certificate()[1]
    _refused(azure, written, "az ad app credential reset")


def test_a_federated_token_that_the_application_trusts_signs_in(azure: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    written = {"kind": "workload_identity", "client_id": CLIENT, "token_file": str(file)}
    _refused(azure, written, "federated-credential list")
    azure.login.trusted[CLIENT] = {TOKEN}
    _ask(azure, written)


def _refused(azure: StandIn, written: dict[str, Any], fix: str) -> None:
    with pytest.raises(DeniedError) as raised:
        _ask(azure, written)
    error = raised.value
    assert (error.code, fix in error.fix) == ("credentials-refused", True)
    assert TOKEN not in f"{error.what}{error.why}{error.fix}"


def _ask(azure: StandIn, written: dict[str, Any]) -> None:
    properties = azure.settings(credentials=written)
    connected = find_plugin("azure").connect(ConnectSettings(environment="e", state_dir="", properties=properties))
    assert connected.finder is not None
    assert connected.finder.find_vms(OwnerQuery(environment="e")) == ()
