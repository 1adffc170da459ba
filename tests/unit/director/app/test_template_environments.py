"""The environment of a template as a file: written, changed with the template, and what a file says otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.app.templates import template_environments
from director.app.wiring import template_environments as wiring
from director.edge.machine.library import Library
from director.errors import InputError
from director.model.ids import EnvironmentName
from director.model.written.environment_file import WrittenEnd
from director.text.yaml import reader
from tests.support.arm_resources import SCHEMA, Tree, request_of, resource

CONFIG = {
    "azs": [{"name": "z1"}],
    "networks": [{"name": "default", "type": "dynamic", "subnets": [{"az": "z1"}]}],
    "vm_types": [{"name": "default"}],
    "compilation": {"workers": 2, "network": "default", "az": "z1", "vm_type": "default"},
}


def _template(*more: Tree, **properties: object) -> Tree:
    written = {"cloud": "memory", "tags": {"owner": "me"}, "cloud_config": CONFIG, **properties}
    environment = resource("Compleat/environments", "lab", written)
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [environment, *more]}


def _settings(home: Path) -> Settings:
    return Settings(home=str(home), environment=EnvironmentName("lab"))


def _read(home: Path, tree: Tree) -> ReadFile:
    request = request_of(tree, folder="/work/shop")
    found = template_environments.find_environment(request)
    assert found is not None
    return wiring.read_described(_settings(home), request, found)


def _written(home: Path, tree: Tree) -> ReadFile:
    """The same after `up` wrote the files."""
    read = _read(home, tree)
    for path, text in read.planned_files.items():
        Library(home).write_private(path, text)
    return read


def _problems(home: Path, tree: Tree) -> list[ExplainedError]:
    with pytest.raises(InputError) as caught:
        _read(home, tree)
    return list(errors.each_problem(caught.value))


def test_nothing_is_written_before_up_and_then_the_file_is_read(tmp_path: Path) -> None:
    read = _read(
        tmp_path, _template(runtime_configs=["dns.yml"], release_sources=["mirror", "https://x/{name}/{version}"])
    )
    assert not list(tmp_path.glob("*/*"))
    assert read.file.runtime_configs == ("/work/shop/dns.yml",)
    assert read.file.release_sources == ("/work/shop/mirror", "https://x/{name}/{version}")
    config, file = (str(tmp_path / folder / "lab.yml") for folder in ("cloud-configs", "environments"))
    assert tuple(read.planned_files) == (config, file), "the file that names the other is the last"
    assert read.written.where("tags", "owner") == "t.json:12:6"

    _written(tmp_path, _template())
    assert reader.read_document(Library(tmp_path).read_source(config)).tree == CONFIG
    again = _read(tmp_path, _template())
    assert (dict(again.planned_files), again.file.tags, again.file.cloud_config) == ({}, {"owner": "me"}, config)


def test_what_up_wrote_follows_its_template(tmp_path: Path) -> None:
    _written(tmp_path, _template())
    read = _read(tmp_path, _template(tags={"owner": "you"}))
    assert (list(read.planned_files), read.file.tags) == ([str(tmp_path / "environments/lab.yml")], {"owner": "you"})


def test_a_file_that_says_the_same_is_left_as_it_is(tmp_path: Path) -> None:
    Library(tmp_path).write_private(
        str(tmp_path / "environments/lab.yml"), "name: lab\ncloud: memory\ntags: {owner: me}\nends: 8h\n"
    )
    read = _read(tmp_path, _template(cloud_config=None))
    assert (dict(read.planned_files), read.file.ends) == ({}, WrittenEnd(at="8h"))


def test_what_a_file_says_otherwise_is_refused_with_both_places(tmp_path: Path) -> None:
    _written(tmp_path, _template())
    file, config = tmp_path / "environments/lab.yml", tmp_path / "cloud-configs/lab.yml"
    for path, before, after in ((file, "owner: me", "owner: other"), (config, "workers: 2", "workers: 3")):
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))
    found = _problems(tmp_path, _template())
    assert [(each.code, each.where) for each in found] == [
        ("template-environment-differs", "t.json:12:6"),
        ("template-environment-differs", "t.json:37:7"),
    ]
    assert "another tags.owner" in found[0].what
    assert f"{file}:7:3" in found[0].why
    assert "another cloud_config.compilation.workers" in found[1].what
    assert f"{config}:9:3" in found[1].why


def test_a_cloud_config_of_another_hand_is_not_replaced(tmp_path: Path) -> None:
    Library(tmp_path).write_private(str(tmp_path / "cloud-configs/lab.yml"), "azs: []\n")
    assert {each.code for each in _problems(tmp_path, _template())} == {"template-environment-differs"}
    assert {each.code for each in _problems(tmp_path, _template(ends="8h"))} == {"template-environment-differs"}


def test_all_that_is_wrong_is_reported_with_its_place(tmp_path: Path) -> None:
    config = {**CONFIG, "vm_types": [{"nmae": "default"}]}
    tree = _template(cloud_config=config, netwroks={"a": "10.0.0.0/16"}, ends="soon", bpm="[reference('x').y]")
    tree["resources"].append(resource("Compleat/deployments", "x", {}))
    tree["parameters"] = {"token": {"type": "securestring", "defaultValue": "sesame-4711"}}
    tree["resources"][0]["properties"]["variables"] = {"token": "[parameters('token')]"}
    assert {(each.code, each.where) for each in _problems(tmp_path, tree)} == {
        ("unknown-key", "t.json:33:8"),
        ("template-property-refused", "t.json:43:5"),
        ("wrong-value", "t.json:46:5"),
        ("template-value-later", "t.json:47:5"),
        ("template-value-secure", "t.json:49:6"),
    }


def test_a_template_has_one_environment(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, _template(resource("Compleat/environments", "other", {})))
    assert (problem.code, problem.where) == ("template-environment-twice", "t.json:45:3")


@pytest.mark.parametrize("written", ["Compleat/environments", "compleat/Environments", "\\u0043ompleat/environments"])
def test_the_type_is_found_however_it_is_written(written: str) -> None:
    request = request_of(_template())
    text = request.template.content.replace(b"Compleat/environments", written.encode())
    found = template_environments.find_environment(replace(request, template=replace(request.template, content=text)))
    assert found is not None
    assert found.name == "lab"


def test_a_template_without_one_is_not_expanded_to_know_it() -> None:
    request = request_of({"resources": "not a list"})
    assert template_environments.find_environment(request) is None
