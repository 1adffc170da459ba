"""`compleat init`: typed on a terminal, and given by --set; the files that it writes, and what it refuses."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import ROOT, Compleat
from tests.support.typed_terminal import typed_terminal

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_SCREEN = """\
Enter takes the answer in brackets. Ctrl-C ends without writing anything.

Cloud
  local needs no account, it is made of namespaces of this machine.
   1  local
   2  aws
   3  azure
   4  openstack
cloud [local]: lcal
  It must be one of local, aws, azure, openstack. Did you mean local?
cloud [local]: 1

Name of the environment
  Lower-case letters, digits and hyphens, beginning with a letter; 1 to 20
  characters.
name [local]: My Env
  It takes lower-case letters, digits and hyphens, beginning with a letter.
name [local]: trial

SSH key that may log in to the jumpbox
  One OpenSSH line. compleat makes a key of the environment's own in any case.
  A public key such as ssh-ed25519 AAAA... you@example.org, or nothing; at
  most 2000 characters.
   1          ~/.ssh/id_ed25519.pub
   2  (none)  the environment's own key alone
sshPublicKey [~/.ssh/id_ed25519.pub]:

Domain of what is deployed
  Manifests read it as ((system_domain)). Empty means the public address under
  sslip.io.
  A DNS name such as apps.example.org, or nothing; at most 200 characters.
domain [none]: apps.example.org
Environment 'trial' on local:
  wrote HOME/environments/trial.yml
  wrote HOME/cloud-configs/trial.yml
  wrote HOME/parameters/trial.json
No problems found.
Next: COMPLEAT_HOME=HOME PYTHON -m director.cli.main up -e trial
"""


_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOp6rE297W2qLwLTg3mbhMkSNGU6WFLPdzxRgXvBs43r ada@example.org"


@pytest.fixture
def compleat(tmp_path: Path) -> Compleat:
    return Compleat(home=tmp_path / "home", environment="trial", is_warm=True)


@pytest.mark.local
def test_a_person_types_the_answers_and_wrong_ones_are_asked_again(compleat: Compleat) -> None:
    with typed_terminal(compleat.argv("init"), _unnamed(compleat), cwd=ROOT) as terminal:
        for prompt, typed in (
            ("cloud [local]: ", "lcal"),
            ("cloud [local]: ", "1"),
            ("name [local]: ", "My Env"),
            ("name [local]: ", "trial"),
            ("sshPublicKey [~/.ssh/id_ed25519.pub]: ", ""),
            ("domain [none]: ", "apps.example.org"),
        ):
            terminal.answer(prompt, typed)
        assert terminal.end() == 0, terminal.screen
    shown = terminal.screen.replace(str(compleat.home), "HOME").replace(sys.executable, "PYTHON")
    assert shown == _SCREEN
    assert max(map(len, shown.splitlines())) <= 80
    written = _written(compleat, "environments/trial.yml")
    assert written["ssh_keys"] == [_KEY]
    assert (written["cloud"], written["variables"]) == ("local", {"system_domain": "apps.example.org"})
    template = ("template", "validate", "templates/local.yml")
    compleat.run(*template, "--parameters", str(compleat.home / "parameters/trial.json")).ended()


def test_ctrl_c_at_a_question_writes_nothing(compleat: Compleat) -> None:
    with typed_terminal(compleat.argv("init", "--cloud", "local"), _unnamed(compleat), cwd=ROOT) as terminal:
        terminal.wait_for("name [local]: ")
        os.write(terminal.descriptor, b"\x03")
        assert terminal.end() == 4
    assert not (compleat.home / "environments").exists()


def test_without_a_terminal_everything_wrong_is_reported_at_once(compleat: Compleat) -> None:
    words = ("--set", "size=huge", "--set", "locaton=eu-west-1", "--set", "name=Trial", "--set", "domain=a b")
    ended = compleat.run("init", "--cloud", "aws", *words, "--json").ended(3)
    assert [(each["code"], each["what"].partition("'")[2].partition("'")[0]) for each in ended.json["errors"]] == [
        ("answer-unknown", "locaton"),
        ("answer-invalid", "name"),
        ("answer-invalid", "size"),
        ("answer-missing", "allowedSources"),
        ("answer-invalid", "domain"),
    ]
    assert not (compleat.home / "environments").exists()


def test_what_exists_is_replaced_by_force_alone(compleat: Compleat) -> None:
    words = ("init", "--cloud", "local")
    first = compleat.run(*words, "--json").ended().json
    assert (first["schema"], first["environment"], first["findings"]) == ("compleat.init/1", "trial", [])
    modes = {(Path(path).stat().st_mode & 0o777) for path in first["files"].values()}
    assert (sorted(first["files"]), modes) == (["cloud_config", "environment", "parameters"], {0o600})
    file = compleat.home / "environments/trial.yml"
    file.write_text(f"# mine\n{file.read_text()}")
    (error,) = compleat.run(*words, "--json").ended(3).json["errors"]
    assert (error["code"], str(file) in error["what"]) == ("environment-file-exists", True)
    assert file.read_text().startswith("# mine\n")
    compleat.run(*words, "--force").ended()
    assert not file.read_text().startswith("# mine\n")


def test_what_is_no_template_and_no_cloud_is_refused(compleat: Compleat) -> None:
    (error,) = compleat.run("init", "--template", "/", "--json").ended(3).json["errors"]
    assert error["code"] == "file-unreadable"
    (error,) = compleat.run("init", "--cloud", "azur", "--json").ended(3).json["errors"]
    assert (error["code"], error["fix"]) == ("answer-invalid", "Correct --cloud CLOUD.")
    assert "one of local, aws, azure, openstack. Did you mean azure?" in error["what"]
    assert "no name before '='" in compleat.run("init", "--set", "=x").ended(2).err


def test_up_without_a_file_names_init(compleat: Compleat) -> None:
    (error,) = compleat.run("up", "-n", "--json").ended(3).json["errors"]
    assert (error["code"], error["fix"].endswith(" init -e trial`.")) == ("environment-file-missing", True)


def test_a_form_beside_a_template_asks_its_own_questions(compleat: Compleat, tmp_path: Path) -> None:
    template = _own_template(tmp_path)
    words = ("init", "--template", template, "--set", "kind=public", "--set", "port=443")
    compleat.run(*words).ended()
    assert _written(compleat, "environments/trial.yml")["variables"] == {"where": "public:443"}
    given = ("--set", "kind=private", "--set", "port=99999", "--set", "nothing=1")
    errors = compleat.run("init", "-e", "other", "--template", template, *given, "--json").ended(3).json["errors"]
    assert [each["code"] for each in errors] == ["answer-unknown", "answer-needless"]


def test_a_template_without_an_environment_gets_a_parameter_file(compleat: Compleat, tmp_path: Path) -> None:
    parameters = {"count": {"type": "int"}, "token": {"type": "securestring"}}
    path = tmp_path / "net.json"
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    path.write_text(json.dumps({"$schema": schema, "contentVersion": "1", "parameters": parameters, "resources": []}))
    (tmp_path / "token").write_text("sesame")
    given = ("--set", "count=2", "--set", f"token=@{tmp_path / 'token'}")
    (error,) = compleat.run("init", "-e", "other", "--template", str(path), "--json").ended(3).json["errors"]
    assert (error["code"], error["fix"]) == (
        "template-environment-missing",
        "Write it first: compleat init -e other --cloud CLOUD.",
    )
    ended = compleat.run("init", "-e", "local", "--template", str(path), *given).ended()
    written = compleat.home / "parameters/local-net.json"
    assert ended.out.endswith(f" up {path} -p {written} -e local\n")
    assert json.loads(written.read_text())["parameters"] == {
        "count": {"value": 2},
        "token": {"reference": {"secretName": "token"}},
    }
    compleat.run("template", "validate", str(path), "-p", str(written), "-e", "local").ended()


def test_a_secret_goes_to_the_vault_alone(compleat: Compleat, tmp_path: Path) -> None:
    parameters = {"token": {"type": "securestring", "minLength": 8}}
    template = _template(tmp_path, parameters, environment={"cloud": "local"})
    typed = compleat.run("init", "--template", template, "--set", "token=sesame-open", "--json").ended(3)
    assert [each["code"] for each in typed.json["errors"]] == ["answer-in-arguments"]
    (tmp_path / "token").write_text("sesame-open\n")
    ended = compleat.run("init", "--template", template, "--set", f"token=@{tmp_path / 'token'}").ended()
    assert "sesame" not in ended.out + ended.err + typed.out + typed.err
    assert [path for path in compleat.home.rglob("*") if path.is_file() and b"sesame" in path.read_bytes()] == []
    written = json.loads((compleat.home / "parameters/trial.json").read_text())["parameters"]
    assert written == {"token": {"reference": {"secretName": "token"}}}


def test_a_secret_that_the_template_puts_into_the_file_is_refused(compleat: Compleat, tmp_path: Path) -> None:
    environment = {"cloud": "local", "variables": {"token": "[parameters('token')]"}}
    template = _template(tmp_path, {"token": {"type": "securestring"}}, environment=environment)
    (tmp_path / "token").write_text("sesame-open")
    ended = compleat.run("init", "--template", template, "--set", f"token=@{tmp_path / 'token'}", "--json").ended(3)
    assert [each["code"] for each in ended.json["errors"]] == ["template-secret-in-file"]


@pytest.mark.parametrize("cloud", ["quickstart", "local", "aws", "azure", "openstack"])
def test_the_questions_are_printed_as_a_table_a_schema_and_a_form(compleat: Compleat, cloud: str) -> None:
    words = ("init", "--template", f"templates/{cloud}.yml", "--json", "--print")
    questions = compleat.run(*words, "questions").ended().json["questions"]
    schema = compleat.run(*words, "schema").ended().json
    form = compleat.run(*words, "form").ended().json
    names = [each["name"] for each in questions]
    assert "name" in names
    assert list(schema["properties"]["parameters"]["properties"]) == names
    assert [each["name"] for each in form["parameters"]["basics"]] == names
    assert not compleat.home.exists() or not (compleat.home / "environments").exists()


def _unnamed(compleat: Compleat) -> Mapping[str, str]:
    """The process's environment with a user who has one key, and without a name of an environment."""
    folder = compleat.home.parent
    (folder / ".ssh").mkdir()
    (folder / ".ssh/id_ed25519.pub").write_text(f"{_KEY}\n")
    kept = {name: value for name, value in compleat.env().items() if name != "COMPLEAT_ENVIRONMENT"}
    return {**kept, "HOME": str(folder)}


def _written(compleat: Compleat, path: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load((compleat.home / path).read_text())
    return read


def _template(folder: Path, parameters: Mapping[str, Any], *, environment: Mapping[str, Any]) -> str:
    cloud_config = yaml.safe_load((ROOT / "manifests/cloud-configs/local.yml").read_text())
    resource = {"type": "Compleat/environments", "apiVersion": "2026-11-30", "name": "trial"}
    sections: dict[str, Any] = {"$schema": _SCHEMA, "contentVersion": "1", "parameters": dict(parameters)}
    sections["resources"] = [{**resource, "properties": {**environment, "cloud_config": cloud_config}}]
    (folder / "mine.json").write_text(json.dumps(sections))
    return str(folder / "mine.json")


def _own_template(folder: Path) -> str:
    """A template with a form: only a public place has the question for the port."""
    kinds = [{"label": word, "value": word} for word in ("private", "public")]
    port = {"regex": "^[0-9]{1,5}$", "message": "A port has at most five digits."}
    elements = [
        {
            "name": "kind",
            "type": "Microsoft.Common.DropDown",
            "label": "Kind",
            "constraints": {"allowedValues": kinds, "required": True},
        },
        {
            "name": "port",
            "type": "Microsoft.Common.TextBox",
            "label": "Port",
            "visible": "[equals(basics('kind'), 'public')]",
            "constraints": {"required": True, "validations": [port]},
        },
    ]
    outputs = {"where": "[if(equals(basics('kind'), 'public'), concat('public:', basics('port')), 'private')]"}
    form = {"parameters": {"basics": elements, "steps": [], "outputs": outputs}}
    (folder / "createUiDefinition.json").write_text(json.dumps(form))
    environment = {"cloud": "local", "variables": {"where": "[parameters('where')]"}}
    return _template(folder, {"where": {"type": "string"}}, environment=environment)
