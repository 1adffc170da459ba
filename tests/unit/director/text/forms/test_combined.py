"""Elements of the portal's form that ask several things: what they ask, and a value as the portal has it."""

import json
from typing import Any

import pytest

from cpi.contract.json_value import JsonValue
from director.errors import Problems
from director.model.documents import Source
from director.model.questions import AnswerKind
from director.text.arm import json_text
from director.text.forms import answers, combined, elements, form_questions
from director.text.forms.form_questions import FormQuestions


def _form(*basics: dict[str, Any], outputs: dict[str, Any] | None = None) -> FormQuestions:
    tree = {"parameters": {"basics": list(basics), "steps": [], "outputs": outputs or {"it": "[basics('it')]"}}}
    return FormQuestions(json_text.read_document(Source(name="form.json", content=json.dumps(tree).encode())), seed="s")


def _element(kind: str, **more: Any) -> dict[str, Any]:
    return {"name": "it", "type": f"Microsoft.{kind}", "label": "It", **more}


def _filled(form: FormQuestions, **typed: str) -> tuple[dict[str, JsonValue], Any]:
    """All answers, those that are not typed by their defaults, and the value of the output `it`."""
    found: dict[str, JsonValue] = {}
    for key in form.keys:
        question = form.question(key, found)
        if question is not None:
            answer = answers.read_answer(question, typed.pop(key, ""))
            assert answer.faults == (), (key, answer.faults)
            found[key] = answer.value
    assert typed == {}, "these were not asked"
    return found, form.parameters(found).get("it")


def test_every_type_of_element_is_listed_once_in_the_spelling_of_the_portal() -> None:
    known = elements.QUESTIONS | elements.NOTES | combined.KINDS
    assert sorted(name.lower() for name in form_questions.TYPES) == sorted(known)


def test_a_linux_vm_takes_a_key_or_a_password() -> None:
    form = _form(_element("Compute.CredentialsCombo", osPlatform="Linux", label={"sshPublicKey": "Your key"}))
    asked, value = _filled(form, **{"it.sshPublicKey": "ssh-ed25519 AAAA me"})
    assert list(asked) == ["it.authenticationType", "it.sshPublicKey"]
    wanted = {"authenticationType": "sshPublicKey", "sshPublicKey": "ssh-ed25519 AAAA me", "generateNewSshKey": False}
    assert value == wanted
    key = form.question("it.sshPublicKey", {"it.authenticationType": "sshPublicKey"})
    assert key is not None
    assert (key.label, key.source) == ("Your key", "ssh-key")
    _, value = _filled(form, **{"it.authenticationType": "password", "it.password": "correct horse 1"})
    assert value == {"authenticationType": "password", "password": "correct horse 1"}


def test_a_password_is_secret_and_keeps_the_rules_of_the_form() -> None:
    rule = {"customPasswordRegex": "[0-9]+$", "customValidationMessage": "A digit, please."}
    form = _form(_element("Compute.CredentialsCombo", osPlatform="Windows", constraints=rule))
    question = form.question("it.password", {})
    assert question is not None
    assert (question.kind, question.is_required) == (AnswerKind.SECRET, True)
    faults = answers.read_answer(question, "short").faults
    assert faults == ("It must have at least 12 characters, got 5.", "A digit, please.")
    assert form.question("it.authenticationType", {}) is None
    assert form.question("it.sshPublicKey", {}) is None


def test_a_size_is_a_recommended_one_or_one_of_those_that_are_allowed() -> None:
    limits = {"excludedSizes": ["B"]}
    form = _form(_element("Compute.SizeSelector", recommendedSizes=["B", "A"], constraints=limits, osPlatform="Linux"))
    question = form.question("it", {})
    assert question is not None
    assert (question.default, question.is_open, [each.value for each in question.choices]) == ("A", True, ["A"])
    assert answers.read_answer(question, "C").faults == ()
    assert answers.read_answer(question, "b").faults == ("It must not be one of B.",)
    closed = _form(_element("Compute.SizeSelector", recommendedSizes=["A"], constraints={"allowedSizes": ["B", "A"]}))
    question = closed.question("it", {})
    assert question is not None
    assert [each.value for each in question.choices] == ["A", "B"]
    assert answers.read_answer(question, "C").faults == ("It must be one of A, B. Did you mean A?",)


def test_subnets_of_a_new_network_get_ranges_behind_each_other() -> None:
    subnets = {
        "web": {"label": "Web", "defaultValue": {"name": "web-subnet", "addressPrefixSize": "/24"}},
        "db": {"label": "Data", "defaultValue": {"name": "db-subnet", "addressPrefixSize": "/26"}},
    }
    default = {"name": "net", "addressPrefixSize": "/16"}
    form = _form(_element("Network.VirtualNetworkCombo", defaultValue=default, subnets=subnets))
    _, value = _filled(form)
    assert value == {
        "newOrExisting": "new",
        "name": "net",
        "addressPrefix": "10.0.0.0/16",
        "addressPrefixes": ["10.0.0.0/16"],
        "subnets": {
            "web": {"name": "web-subnet", "addressPrefix": "10.0.0.0/24", "startAddress": "10.0.0.4"},
            "db": {"name": "db-subnet", "addressPrefix": "10.0.1.0/26", "startAddress": "10.0.1.4"},
        },
    }
    _, moved = _filled(form, **{"it.addressPrefix": "10.9.0.0/16", "it.subnets.web.name": "front"})
    assert [each["addressPrefix"] for each in moved["subnets"].values()] == ["10.9.0.0/24", "10.9.1.0/26"]


def test_a_network_that_exists_is_named_with_its_group_and_ranges() -> None:
    subnets = {"web": {"label": "Web", "defaultValue": {"name": "w"}}}
    form = _form(_element("Network.VirtualNetworkCombo", subnets=subnets))
    given = {"it.newOrExisting": "existing", "it.name": "old", "it.resourceGroup": "theirs"}
    given |= {"it.addressPrefix": "10.1.0.0/16", "it.subnets.web.addressPrefix": "10.1.2.0/24"}
    _, value = _filled(form, **given)
    assert (value["newOrExisting"], value["resourceGroup"]) == ("existing", "theirs")
    assert value["subnets"]["web"] == {"name": "w", "addressPrefix": "10.1.2.0/24", "startAddress": "10.1.2.4"}


def test_a_public_address_may_be_none() -> None:
    form = _form(_element("Network.PublicIpAddressCombo", defaultValue={"publicIpAddressName": "ip"}))
    assert _filled(form, **{"it.newOrExistingOrNone": "none"})[1] == {"newOrExistingOrNone": "none"}
    _, value = _filled(form, **{"it.domainNameLabel": "mine"})
    assert (value["name"], value["domainNameLabel"], value["newOrExistingOrNone"]) == ("ip", "mine", "new")
    hidden = {"hideNone": True, "hideExisting": True, "hideDomainNameLabel": True}
    asked, value = _filled(_form(_element("Network.PublicIpAddressCombo", options=hidden)), **{"it.name": "ip"})
    assert (list(asked), value["newOrExistingOrNone"]) == (["it.name"], "new")


def test_storage_accounts_resources_and_tags() -> None:
    account = _form(_element("Storage.StorageAccountSelector", defaultValue={"name": "acc", "type": "Standard_LRS"}))
    assert _filled(account)[1] == {"newOrExisting": "new", "name": "acc", "type": "Standard_LRS", "kind": "StorageV2"}
    several = _form(_element("Storage.MultiStorageAccountCombo", defaultValue={"prefix": "sa"}))
    assert _filled(several)[1] == {"prefix": "sa", "type": "Premium_LRS"}
    identity = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.org"
    chosen = _filled(_form(_element("Solutions.ResourceSelector")), **{"it.id": identity})[1]
    assert chosen == {"id": identity, "name": "example.org", "resourceGroup": "g", "subscriptionId": "s"}
    tags = _form(_element("Common.TagsByResource", resources=["Microsoft.Compute/virtualMachines"]))
    assert _filled(tags)[1] == {}
    given = {"Microsoft.Compute/virtualMachines": {"team": "a"}}
    assert _filled(tags, **{"it.tags": json.dumps(given)})[1] == given


def test_a_hidden_element_asks_nothing_and_is_null() -> None:
    form = _form(
        {"name": "own", "type": "Microsoft.Common.CheckBox", "label": "Own network"},
        _element("Network.VirtualNetworkCombo", visible="[basics('own')]", subnets={}),
        outputs={"it": "[coalesce(basics('it').name, 'none')]"},
    )
    assert _filled(form) == ({"own": False}, "none")


def test_two_elements_of_a_name_are_reported_by_part() -> None:
    element = _element("Network.PublicIpAddressCombo")
    with pytest.raises(Problems, match=r"Two elements have the name 'basics\.it\.name'"):
        _form(element, element)
