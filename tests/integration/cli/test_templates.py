"""`compleat template` on the command line: parameters from files, texts and the vault; linked templates; exit codes."""

import json
from pathlib import Path

import pytest

from tests.support.command import Compleat
from tests.support.environments import local_compleat

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@pytest.fixture
def compleat(tmp_path: Path) -> Compleat:
    """A home with an environment that nothing was built in."""
    return local_compleat(tmp_path / "home", "templates", is_warm=True)


def _write(folder: Path, name: str, **sections: object) -> str:
    text = json.dumps({"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **sections})
    (folder / name).write_text(text)
    return str(folder / name)


def test_texts_win_over_files_and_have_the_types_of_their_parameters(compleat: Compleat, tmp_path: Path) -> None:
    parameters = {name: {"type": name} for name in ("int", "bool", "array", "string")}
    outputs = {name: {"type": name, "value": f"[parameters('{name}')]"} for name in parameters}
    template = _write(tmp_path, "t.json", parameters=parameters, outputs=outputs)
    values = {"int": {"value": 1}, "bool": {"value": True}, "array": {"value": []}, "string": {"value": "[add(1, 2)]"}}
    (tmp_path / "p.json").write_text(json.dumps({"parameters": values}))
    words = ("--parameters", str(tmp_path / "p.json"), "--parameters", "int=2", "--parameters", "array=[1]")
    rows = compleat.run("template", "outputs", template, *words, "--json").ended().json["outputs"]
    assert isinstance(rows, list)
    assert {row["name"]: row["value"] for row in rows} == {
        "int": 2,
        "bool": True,
        "array": [1],
        "string": "[add(1, 2)]",
    }


def test_all_problems_are_reported_and_the_exit_code_is_3(compleat: Compleat, tmp_path: Path) -> None:
    parameters = {"a": {"type": "int", "minValue": 3}, "b": {"type": "securestring", "minLength": 9}}
    template = _write(tmp_path, "t.json", parameters=parameters)
    words = ("--parameters", "a=1", "--parameters", "b=geheim")
    result = compleat.run("template", "validate", template, *words).ended(3)
    assert "greater than or equal to '3'" in result.err
    assert "greater than or equal to '9'" in result.err
    assert "geheim" not in result.err + result.out


def test_a_secret_that_does_not_exist_is_a_problem_of_the_parameter_file(compleat: Compleat, tmp_path: Path) -> None:
    template = _write(tmp_path, "t.json", parameters={"p": {"type": "securestring"}})
    (tmp_path / "p.json").write_text('{"parameters": {"p": {"reference": {"secretName": "db"}}}}')
    result = compleat.run("template", "validate", template, "--parameters", str(tmp_path / "p.json")).ended(3)
    assert "The secret 'db' for the parameter 'p' does not exist." in result.err


def test_a_missing_secure_value_is_asked_for_in_a_file(compleat: Compleat, tmp_path: Path) -> None:
    parameters = {"open": {"type": "string"}, "pw": {"type": "securestring"}}
    errors = compleat.run("plan", _write(tmp_path, "t.json", parameters=parameters), "--json").ended(3).json["errors"]
    assert [each["fix"].partition("--parameters ")[2] for each in errors] == ["open=VALUE'.", "pw=@FILE'."]


def test_a_template_that_is_a_link_to_itself_is_refused(compleat: Compleat, tmp_path: Path) -> None:
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)
    for words in (("template", "what-if"), ("plan",), ("up", "-n"), ("init", "--template")):
        (error,) = compleat.run(*words, str(loop), "--json").ended(3).json["errors"]
        assert (error["code"], "symbolic links" in error["why"]) == ("file-unreadable", True)


def test_a_template_is_in_the_environment_that_it_describes(compleat: Compleat, tmp_path: Path) -> None:
    resource = {"type": "Compleat/environments", "apiVersion": "2026-11-30", "name": "shop", "properties": {}}
    template = _write(tmp_path, "t.json", resources=[resource])
    for words in (("template", "what-if"), ("plan",), ("up", "-n")):
        (error,) = compleat.run(*words, template, "--json").ended(3).json["errors"]
        assert (error["code"], "'shop', but it is used in 'templates'" in error["what"]) == (
            "template-environment-other",
            True,
        )
    assert (
        compleat.run("plan", "-e", "shop", template, "--json").ended(3).json["errors"][0]["code"]
        == "cloud-config-missing"
    )


@pytest.mark.parametrize("name", ["a\0b", "a" * 300, "\ud800"])
def test_a_linked_template_that_no_file_can_be_called_is_not_read(
    compleat: Compleat, tmp_path: Path, name: str
) -> None:
    link = {"mode": "Incremental", "templateLink": {"relativePath": name}}
    resource = {"type": "Microsoft.Resources/deployments", "apiVersion": "2021-04-01", "name": "n", "properties": link}
    result = compleat.run("template", "validate", _write(tmp_path, "t.json", resources=[resource])).ended()
    assert "template-link-not-read" in result.err


def test_a_linked_template_below_the_folder_is_read_and_one_outside_is_not(compleat: Compleat, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for folder in (tmp_path, tmp_path / "in"):
        _write(folder, "child.json", outputs={"o": {"type": "string", "value": "read"}})
    links = {"near": "child.json", "far": "../child.json"}
    resources = [
        {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2021-04-01",
            "name": name,
            "properties": {"mode": "Incremental", "templateLink": {"relativePath": path}},
        }
        for name, path in links.items()
    ]
    outputs = {name: {"type": "string", "value": f"[reference('{name}').outputs.o.value]"} for name in links}
    template = _write(tmp_path / "in", "t.json", resources=resources, outputs=outputs)
    result = compleat.run("template", "outputs", template, "--json").ended()
    rows = result.json["outputs"]
    assert isinstance(rows, list)
    assert {row["name"]: row["known"] for row in rows} == {"near": True, "far": False}
    assert "template-link-not-read" in result.err


def test_a_case_that_is_not_as_expected_fails_the_command(compleat: Compleat, tmp_path: Path) -> None:
    (tmp_path / "cases.json").write_text('[{"id": "sum", "expression": "[add(1, 2)]", "expected": 4}]')
    result = compleat.run("template", "eval", str(tmp_path / "cases.json")).ended(1)
    assert "not as expected" in result.out
    assert "template-case-failed" in result.err


def test_comments_that_formatting_drops_are_a_remark(compleat: Compleat, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"resources": [], // all of it\n "$schema": "s"}')
    result = compleat.run("template", "format", str(tmp_path / "t.json")).ended()
    assert result.out == '{\n  "$schema": "s",\n  "resources": []\n}\n'
    assert "t.json:1:19: Comments are not in the output." in result.err
