"""Templates that are linked by https://: what is requested, and what of it is shown."""

import hashlib
import json
from dataclasses import replace

import pytest

from director import errors
from director.app.templates import expanding
from director.errors import InputError
from director.model.documents import Source
from director.text.arm.template.expansion import Expansion
from tests.support.arm_resources import SCHEMA, Tree, request_of, template

_ADDRESS = "https://templates.example/net.json"
_CONTENT = json.dumps(template()).encode()


def _expand(link: Tree, content: bytes = _CONTENT, **sections: object) -> tuple[Expansion, list[str]]:
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "linked",
        "properties": {"mode": "Incremental", "templateLink": link},
    }
    tree = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [deployment], **sections}
    asked: list[str] = []

    def read(address: str) -> Source:
        asked.append(address)
        return Source(name=_ADDRESS, content=content)

    return expanding.expand_with_problems(replace(request_of(tree), read_link=read)), asked


def test_its_resources_are_the_templates_and_its_digest_is_a_remark() -> None:
    found, asked = _expand({"uri": _ADDRESS, "queryString": "sig=hush"})
    assert asked == [f"{_ADDRESS}?sig=hush"]
    assert {one.name for one in expanding.resources_of(found)} == {"net", "ip", "nic", "web"}
    (remark,) = [each for each in found.remarks if each.code == "template-link-downloaded"]
    assert f"sha256:{hashlib.sha256(_CONTENT).hexdigest()}" in remark.text
    assert ("hush" in remark.text, remark.where.startswith("t.json:")) == (False, True)


def test_a_digest_of_its_address_is_asked_for_with_it() -> None:
    assert _expand({"uri": f"{_ADDRESS}?v=1#sha256=ab"})[1] == [f"{_ADDRESS}?v=1#sha256=ab"]


@pytest.mark.parametrize(
    ("link", "value", "codes"),
    [
        ({"uri": "[parameters('p')]"}, f"{_ADDRESS}/hush", ["template-invalid"]),
        ({"uri": "[parameters('p')]"}, f"{_ADDRESS}?sig=hush", []),
        ({"uri": f"[concat('{_ADDRESS}', parameters('p'))]"}, "?sig=hush", []),
        ({"uri": _ADDRESS, "queryString": "[parameters('p')]"}, "?sig=hush", []),
    ],
)
def test_what_is_secret_of_an_address_is_its_query(link: Tree, value: str, codes: list[str]) -> None:
    parameters = {"p": {"type": "securestring", "defaultValue": value}}
    found, asked = _expand(link, parameters=parameters)
    assert [each.code for error in found.problems for each in errors.each_problem(error)] == codes
    assert asked == ([] if codes else [f"{_ADDRESS}?sig=hush"])
    assert not any("hush" in each.text for each in found.remarks)


def test_an_empty_secure_token_hides_nothing_of_an_address() -> None:
    parameters = {"p": {"type": "securestring", "defaultValue": ""}}
    found, asked = _expand({"uri": f"[concat('{_ADDRESS}', parameters('p'))]"}, parameters=parameters)
    assert (found.problems, asked) == ((), [_ADDRESS])


def test_an_unread_template_is_named_without_the_secret_query_of_its_address() -> None:
    parameters = {"p": {"type": "securestring", "defaultValue": "?sig=hush"}}
    resource = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "linked",
        "properties": {"mode": "Incremental", "templateLink": {"uri": f"[concat('{_ADDRESS}', parameters('p'))]"}},
    }
    tree = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [resource], "parameters": parameters}
    found = expanding.expand_with_problems(replace(request_of(tree), read_link=lambda _: None))
    (remark,) = [each for each in found.remarks if each.code == "template-link-not-read"]
    assert (f"'{_ADDRESS}'" in remark.text, "hush" in remark.text) == (True, False)


def test_what_is_wrong_with_it_has_its_place() -> None:
    found, _ = _expand({"uri": _ADDRESS}, b"{")
    (problem,) = found.problems
    assert isinstance(problem, InputError)
    assert problem.where.startswith(_ADDRESS)
