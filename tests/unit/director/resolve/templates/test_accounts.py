"""What a template's VM has beside its hardware: a user with keys, a script, extensions."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from director import errors
from director.errors import InputError
from director.resolve.templates import front
from director.resolve.templates.request import Translation, TranslationRequest
from tests.support.arm_resources import KEY, Tree, resource, resources_of, template


def _translate(tree: Tree) -> Translation:
    return front.translate(TranslationRequest(name="app", resources=resources_of(tree), azs=("z1",), dns=("10.0.0.2",)))


def _changed(change: Callable[[Tree], None]) -> Translation:
    return _translate(template(change))


def _problems(change: Callable[[Tree], None]) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        _changed(change)
    return [(each.code, each.what) for each in errors.each_problem(caught.value)]


def _group(translation: Translation) -> Mapping[str, Any]:
    assert translation.manifest is not None
    groups: Any = translation.manifest["instance_groups"]
    found: Mapping[str, Any] = groups[0]
    return found


def test_a_user_with_keys_and_a_script_is_a_job() -> None:
    profile = {
        "adminUsername": "azureuser",
        "adminPassword": "not used",
        "customData": base64.b64encode(b"#!/bin/sh\necho hi\n").decode(),
        "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [{"keyData": KEY}]}},
    }
    translation = _changed(lambda tree: tree["web"]["properties"].update(osProfile=profile))
    (job,) = _group(translation)["jobs"]
    unused = [each.text for each in translation.remarks if each.code == "template-property-unused"]
    assert any("adminPassword has no effect: users sign in with SSH keys" in text for text in unused)
    assert job["properties"] == {"user": "azureuser", "keys": [KEY], "script": "#!/bin/sh\necho hi\n"}


@pytest.mark.parametrize(
    ("profile", "what"),
    [
        ({"adminUsername": "root"}, "'root' is not a valid adminUsername"),
        ({"adminUsername": "me"}, "the user 'me' has no SSH key"),
        ({"adminUsername": "me", "adminPassword": "x"}, "has no SSH key"),
        ({"adminUsername": "me", "customData": "I2Nsb3VkLWNvbmZpZwo="}, "customData is not a script"),
        ({"adminUsername": "me", "windowsConfiguration": {"timeZone": "UTC"}}, "windowsConfiguration"),
    ],
)
def test_what_no_user_can_be_made_of_is_refused(profile: Tree, what: str) -> None:
    problems = _problems(lambda tree: tree["web"]["properties"].update(osProfile=profile))
    assert any(what in words for _, words in problems), problems


_PROFILE = {"adminUsername": "me", "linuxConfiguration": {"ssh": {"publicKeys": [{"keyData": KEY}]}}}


def _extension(publisher: str, type_: str, name: str = "web/run", **settings: object) -> Tree:
    body = {"publisher": publisher, "type": type_, "typeHandlerVersion": "2.1", "settings": settings}
    return resource("Microsoft.Compute/virtualMachines/extensions", name, body)


def _custom_script(name: str = "web/run", **settings: object) -> Tree:
    return _extension("Microsoft.Azure.Extensions", "CustomScript", name, **settings)


@pytest.mark.parametrize(
    ("settings", "script"),
    [
        ({"commandToExecute": "echo hi"}, "#!/bin/sh\necho hi\n"),
        ({"script": base64.b64encode(b"#!/bin/bash\ndate\n").decode()}, "#!/bin/bash\ndate\n"),
    ],
)
def test_the_script_of_an_extension_is_that_of_the_vms_job(settings: Tree, script: str) -> None:
    def change(tree: Tree) -> None:
        tree["web"]["properties"]["osProfile"] = _PROFILE
        tree["run"] = _custom_script(**settings)

    (job,) = _group(_changed(change))["jobs"]
    assert job["properties"] == {"user": "me", "keys": [KEY], "script": script}


def _protected(value: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        tree["web"]["properties"]["osProfile"] = _PROFILE
        tree["run"] = _custom_script()
        tree["run"]["properties"]["protectedSettings"] = value

    return change


def test_a_command_may_be_protected_if_it_is_no_secret() -> None:
    (job,) = _group(_changed(_protected({"commandToExecute": "date"})))["jobs"]
    assert job["properties"]["script"] == "#!/bin/sh\ndate\n"
    ((code, words),) = _problems(_protected({"commandToExecute": "date", "storageAccountKey": "k"}))
    assert (code, "storageAccountKey" in words) == ("template-property-refused", True)


def test_an_agent_of_azures_own_service_is_a_remark() -> None:
    extension = _extension("Microsoft.Azure.Security.LinuxAttestation", "GuestAttestation", a={"b": 1})
    remarks = _changed(lambda tree: tree.update(run=extension)).remarks
    assert any("GuestAttestation is an agent of Azure's own service" in each.text for each in remarks)


@pytest.mark.parametrize(
    ("extensions", "code", "what"),
    [
        ([_extension("Microsoft.OSTCExtensions", "VMAccess")], "template-type-refused", "runs no extension 'VMAccess'"),
        ([_custom_script()], "template-value-invalid", "it needs a command or a script"),
        (
            [_custom_script(commandToExecute="a", script="b")],
            "template-value-invalid",
            "it needs a command or a script",
        ),
        ([_custom_script(script="ZWNobw==")], "template-value-invalid", "script is not a script"),
        ([_custom_script(commandToExecute="a", fileUris=["b"])], "template-property-refused", "fileUris"),
        ([_custom_script("db/run", commandToExecute="a")], "template-reference-missing", "the template has no such VM"),
        (
            [_custom_script(commandToExecute="a"), _custom_script("web/more", commandToExecute="b")],
            "template-value-invalid",
            "a VM runs one script",
        ),
    ],
)
def test_an_extension_that_no_vm_runs_is_refused(extensions: list[Tree], code: str, what: str) -> None:
    def change(tree: Tree) -> None:
        tree["web"]["properties"]["osProfile"] = _PROFILE
        tree.update({each["name"]: each for each in extensions})

    ((found, words),) = _problems(change)
    assert (found, what in words) == (code, True), words


@pytest.mark.parametrize("profile", [None, {**_PROFILE, "customData": base64.b64encode(b"#!/bin/sh\n").decode()}])
def test_a_script_needs_a_user_and_stands_alone(profile: Tree | None) -> None:
    def change(tree: Tree) -> None:
        tree["web"]["properties"]["osProfile"] = profile
        tree["run"] = _custom_script(commandToExecute="a")

    assert [code for code, _ in _problems(change)] == ["template-value-invalid"]


def test_a_public_key_of_a_secure_parameter_is_taken_and_a_password_is_not() -> None:
    public = {"keyData": "[parameters('key')]"}
    profile = {"adminUsername": "me", "linuxConfiguration": {"ssh": {"publicKeys": [public]}}}
    for value, codes in ((KEY, []), ("hush", ["template-value-secure"]), (f"{KEY}\nhush", ["template-value-secure"])):
        parameters = {"key": {"type": "securestring", "defaultValue": value}}
        tree = template(lambda tree: tree["web"]["properties"].update(osProfile=profile), parameters=parameters)
        try:
            translation = _translate(tree)
        except InputError as error:
            assert {each.code for each in errors.each_problem(error)} >= set(codes)
            assert "hush" not in str(errors.each_problem(error))
            continue
        assert codes == []
        assert _group(translation)["jobs"][0]["properties"]["keys"] == [KEY]
        assert "template-key-public" in [each.code for each in translation.remarks]
