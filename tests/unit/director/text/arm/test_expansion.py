"""Templates: sections, parameters, loops, conditions, dependencies, deployments within deployments, outputs."""

import json

import pytest

from director.errors import InputError
from director.model.documents import Source
from director.text.arm import reading
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion, parameters
from director.text.arm.values import DeployedValue, SecureText, shown
from tests.unit.director.text.arm.templates import (
    SCHEMA,
    document,
    errors_of,
    expand,
    names,
    outputs,
    resource,
    template,
    value_of,
    whats,
)


def _text(value: object, **members: object) -> dict[str, object]:
    return {"type": "string", "value": value, **members}


def test_all_violations_of_parameters_are_reported_at_once_in_the_words_of_the_constraint() -> None:
    text = template(
        parameters={
            "size": {"type": "string", "allowedValues": ["small", "large"]},
            "count": {"type": "int", "minValue": 1, "maxValue": 3},
            "name": {"type": "string", "minLength": 3},
            "missing": {"type": "bool"},
        }
    )
    found = expand(text, size="huge", count=4, name="ab", unknown=1)
    assert [each.what.partition("is not valid. ")[2] or each.what[:52] for each in found.problems] == [
        "The parameter value is not part of the allowed value(s): 'small,large'.",
        "The value should be less than or equal to '3'.",
        "Length of the value should be greater than or equal to '3'.",
        "The template parameters 'unknown' are not valid; the",
        "The value for the template parameter 'missing' at li",
    ]
    assert {each.where.partition(":")[0] for each in found.problems} == {"template.json"}


def test_a_secure_parameter_is_never_shown_whatever_is_computed_from_it() -> None:
    text = template(
        parameters={
            "password": {"type": "securestring"},
            "other": {"type": "securestring", "minLength": 20, "defaultValue": "hunter2secret"},
        },
        variables={"login": "[concat('user:', parameters('password'))]"},
        resources=[resource("vm", properties={"login": "[base64(variables('login'))]", "size": "small"})],
        outputs={"bad": {"type": "int", "value": "[int(parameters('password'))]"}},
    )
    found = expand(text, password="hunter2secret")
    body = shown(dict(found.root.resources[0].body))
    assert body == {"properties": {"login": "(hidden)", "size": "small"}}
    assert "hunter2secret" not in " ".join(f"{each.what} {each.why} {each.fix}" for each in found.problems)
    assert "hunter2secret" not in repr(found)
    keyed = template(
        parameters={"p": {"type": "securestring"}},
        outputs={"o": {"type": "object", "value": "[createObject(parameters('p'), 1).missing]"}},
        variables={"v": "[createObject(concat('a', parameters('p')), 1)]"},
        resources=[resource("r", properties="[variables('v')]")],
    )
    by_key = expand(keyed, p="hunter2secret")
    assert shown(dict(by_key.root.resources[0].body)) == {"properties": {"(hidden)": "(hidden)"}}
    assert "hunter2secret" not in " ".join(f"{each.what} {each.why} {each.fix}" for each in by_key.problems)
    assert isinstance(SecureText("x"), str)


def test_defaults_may_read_other_parameters_and_a_circle_is_spelled_out() -> None:
    text = template(
        parameters={
            "a": {"type": "string", "defaultValue": "[concat(parameters('b'), '!')]"},
            "b": {"type": "string", "defaultValue": "hi"},
            "x": {"type": "string", "defaultValue": "[parameters('y')]"},
            "y": {"type": "string", "defaultValue": "[parameters('x')]"},
        },
        outputs={"a": _text("[parameters('a')]")},
    )
    found = expand(text)
    assert outputs(found) == {"a": "hi!"}
    assert "Circular reference of parameters: x -> y -> x." in whats(found)


def test_a_circle_of_variables_is_spelled_out_once() -> None:
    variables = {"a": "[variables('b')]", "b": "[variables('c')]", "c": "[variables('a')]"}
    found = expand(template(variables=variables, outputs={"o": _text("[variables('a')]")}))
    assert whats(found) == ["Circular reference of variables: a -> b -> c -> a."]


def test_a_circle_of_resources_is_spelled_out_as_a_path() -> None:
    resources = [
        resource("one", dependsOn=["three"]),
        resource("two", dependsOn=["one"]),
        resource("three", dependsOn=["two"]),
    ]
    found = expand(template(resources=resources))
    assert [each.why for each in found.problems] == ["Each waits for the next one: one -> three -> two -> one."]
    assert sorted(map(str, names(found))) == ["one", "three", "two"]


def test_a_reference_by_name_is_a_dependency_and_one_by_identifier_is_not() -> None:
    resources = [
        resource("first", properties={"ip": "[reference('last').ip]"}),
        resource("second", properties={"id": "[reference(resourceId('A.B/c', 'last'), '1').ip]"}),
        resource("last"),
    ]
    found = expand(template(resources=resources))
    assert names(found) == ["last", "first", "second"]
    waits = {str(each.instance.name): each.waits_for for each in found.root.resources}
    assert waits["first"] == (found.root.resources[0].instance.resource_id,)
    assert waits["second"] == ()


def test_an_unknown_dependency_has_the_nearest_name() -> None:
    found = expand(template(resources=[resource("network"), resource("vm", dependsOn=["netwrok"])]))
    assert [(each.what, each.fix) for each in found.problems] == [
        ("The resource 'netwrok' is not defined in the template.", "Write 'network'.")
    ]


def test_serial_loops_wait_batch_by_batch_and_others_wait_for_the_whole_loop() -> None:
    loop = {"name": "loop", "count": 3, "mode": "serial", "batchSize": 1}
    resources = [resource("after", dependsOn=["loop"]), resource("[concat('r', copyIndex(1))]", copy=loop)]
    assert names(expand(template(resources=resources))) == ["r1", "r2", "r3", "after"]


def test_a_loop_that_runs_no_times_may_be_waited_for() -> None:
    resources = [resource("after", dependsOn=["loop"]), resource("r", copy={"name": "loop", "count": 0})]
    found = expand(template(resources=resources))
    assert (names(found), whats(found)) == (["after"], [])


def test_a_condition_skips_a_resource_and_its_dependencies() -> None:
    resources = [resource("off", condition="[false()]"), resource("on", dependsOn=["off"])]
    found = expand(template(resources=resources))
    assert (names(found), [each.name for each in found.root.skipped]) == (["on"], ["off"])


def test_children_have_whole_names_and_types() -> None:
    child = {"type": "d", "apiVersion": "1", "name": "kid", "dependsOn": ["parent"]}
    found = expand(template(resources=[resource("parent", resources=[child])]))
    assert [(each.instance.type, each.instance.name) for each in found.root.resources] == [
        ("A.B/c", "parent"),
        ("A.B/c/d", "parent/kid"),
    ]


def test_symbolic_names_loops_and_existing_resources() -> None:
    resources = {
        "net": {"existing": True, "type": "A.B/net", "apiVersion": "1", "name": "net"},
        "vms": resource("[format('vm{0}', copyIndex())]", copy={"name": "vms", "count": 2}, dependsOn=["net"]),
        "last": resource("last", properties={"all": "[references('vms')]", "id": "[resourceInfo('net').id]"}),
        "one": resource("one", dependsOn=["vms[1]"]),
    }
    found = expand(template(languageVersion="2.0", resources=resources))
    assert (names(found), whats(found)) == (["vm0", "vm1", "last", "one"], [])
    assert dict(zip(["vm0", "vm1", "last", "one"], [each.waits_for for each in found.root.resources], strict=True)) == {
        "vm0": ("net",),
        "vm1": ("net",),
        "last": ("vms",),
        "one": ("vms[1]",),
    }


def _nested(scope: str, **sections: object) -> dict[str, object]:
    inner = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **sections}
    properties = {"mode": "Incremental", "template": inner, "expressionEvaluationOptions": {"scope": scope}}
    return {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "inner", "properties": properties}


def test_an_inner_template_has_its_own_group_and_parameters() -> None:
    nested = _nested(
        "inner",
        parameters={"p": {"type": "string"}},
        outputs={"o": _text("[concat(resourceGroup().name, '/', parameters('p'))]")},
    )
    nested["resourceGroup"] = "other"
    nested["properties"]["parameters"] = {"p": {"value": "[concat('a', 'b')]"}}  # type: ignore[index]
    outer = {"o": _text("[reference('inner').outputs.o.value]")}
    found = expand(template(resources=[nested], outputs=outer))
    assert (outputs(found), whats(found)) == ({"o": "other/ab"}, [])


def test_a_missing_output_of_a_nested_template_has_the_nearest_name() -> None:
    nested = _nested("inner", outputs={"address": _text("1.2.3.4")})
    found = expand(template(resources=[nested], outputs={"o": _text("[reference('inner').outputs.adress.value]")}))
    assert [each.fix for each in found.problems] == ["Write 'address'."]


def test_a_nested_template_with_outer_scope_reads_the_resources_around_it() -> None:
    inner = json.loads(template(resources=[resource("inner", of="[reference('vm').size]")]))
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "nested",
        "properties": {"mode": "Incremental", "template": inner},
    }
    found = expand(template(resources=[nested, resource("vm", properties={"size": "small"})]))
    assert found.problems == ()
    bodies = {each.instance.name: dict(each.body) for each in expansion.each_resource(found.root)}
    assert bodies["inner"] == {"of": "small"}


def test_a_linked_template_is_read_through_what_was_handed_in_and_its_version_must_fit() -> None:
    link = {"relativePath": "child.json", "contentVersion": "2.0.0.0"}
    linked = {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "l"}
    linked["properties"] = {"mode": "Incremental", "templateLink": link}  # type: ignore[assignment]
    asked: list[str] = []

    def read(address: str) -> object:
        asked.append(address)
        return document(template())

    request = expansion.ExpandRequest(
        document=document(template(resources=[linked])),
        surroundings=Surroundings(template_link="https://host.example/a/main.json"),
        links=read,  # type: ignore[arg-type]
    )
    found = expansion.expand(request)
    assert asked == ["https://host.example/a/child.json"]
    assert [each.what[:66] for each in found.problems] == [
        "The content version contained in the template '1.0.0.0' does not m"
    ]


def test_what_a_deployment_alone_knows_stays_named_and_spreads() -> None:
    ip = "[concat('http://', reference('ip').ipAddress)]"
    found = expand(template(resources=[resource("ip")], outputs={"url": _text(ip)}))
    assert shown(outputs(found)["url"]) == ("(known after deployment: concat('http://', reference('ip').ipAddress))")


def test_a_parameter_without_a_value_is_reported_once_whatever_is_read_by_it() -> None:
    found = expand(
        template(
            parameters={"which": {"type": "string"}, "first": {"type": "int"}},
            variables={"small": "s"},
            resources=[
                resource(
                    "[concat('all', copyIndex())]",
                    copy={"name": "each", "count": 2, "mode": "serial", "batchSize": "[parameters('first')]"},
                    properties={"size": "[variables(parameters('which'))]", "port": "[copyIndex(parameters('first'))]"},
                )
            ],
        )
    )
    assert [what.partition("'")[2].partition("'")[0] for what in whats(found)] == ["which", "first"]


def test_a_value_that_does_not_fit_is_reported_once_whatever_is_read_by_it() -> None:
    text = template(
        parameters={"vm": {"type": "string", "defaultValue": "", "minLength": 3}, "n": {"type": "int"}},
        resources=[
            resource("[parameters('vm')]"),
            resource("r", dependsOn=["[parameters('vm')]"], more="[add(parameters('n'), 1)]"),
        ],
    )
    found = expand(text, n="two")
    assert [str(each).split("'")[1] for each in found.problems] == ["two", "vm"]


def test_null_for_a_parameter_with_a_default_means_the_default() -> None:
    text = template(
        parameters={"a": {"type": "string", "defaultValue": "x"}, "b": {"type": "string"}},
        outputs={"it": {"type": "string", "value": "[parameters('a')]"}},
    )
    found = expand(text, a=None, b=None)
    assert outputs(found) == {"it": "x"}
    assert ["'b'" in str(each) and "Actual 'Null'" in str(each) for each in found.problems] == [True]


def test_an_empty_list_of_allowed_values_lets_in_everything() -> None:
    text = template(parameters={"a": {"type": "string", "allowedValues": []}})
    assert expand(text, a="x").problems == ()


def test_parameters_may_have_names_that_are_no_identifiers() -> None:
    text = template(
        parameters={"Virtual Machine Name": {"type": "string"}, "a\nb": {"type": "string", "defaultValue": ""}},
        outputs={"it": {"type": "string", "value": "[parameters('virtual machine name')]"}},
    )
    found = expand(text, None, **{"Virtual Machine Name": "x"})
    assert outputs(found) == {"it": "x"}
    assert ["cannot be printed" in str(each) for each in found.problems] == [True]


def test_a_resource_may_be_waited_for_by_the_last_part_of_its_name() -> None:
    forest = {"type": "A.B/c/extensions", "apiVersion": "1", "name": "vm/CreateForest"}
    found = expand(template(resources=[resource("later", dependsOn=["createforest"]), forest, resource("vm")]))
    assert found.problems == ()
    assert [each.instance.name for each in found.root.resources] == ["vm/CreateForest", "later", "vm"]


def test_a_document_that_is_no_object_has_that_problem_alone() -> None:
    assert whats(expand("[1]")) == ["A template is an object."]


def test_a_resource_outside_is_named_by_its_identifier_or_by_its_type_and_name_with_a_version() -> None:
    for named in ("/subscriptions/s/resourceGroups/g/providers/A.B/c/one", "A.B/c/one"):
        assert isinstance(value_of(f"[reference('{named}', '2021-01-01').size]"), DeployedValue)
    for named in ("one", "A.B/c", "c/one"):
        assert "is not defined in the template" in errors_of(f"[reference('{named}', '2021-01-01').size]")[0]
    assert "is not defined in the template" in errors_of("[reference('A.B/c/one').size]")[0]


def test_errors_have_their_place_the_path_and_the_character() -> None:
    text = (
        '{"$schema": "' + SCHEMA + '", "contentVersion": "1",\n "resources": [],\n "outputs": {"o": {"type": "int",\n'
    )
    text += '   "value": "[add(1, lenght(\'abc\'))]"}}}'
    found = expand(text)
    assert [(each.where, each.what, each.fix) for each in found.problems] == [
        ("template.json:4:4", "The template function 'lenght' is not valid.", "Write 'length'.")
    ]
    assert found.problems[0].why.startswith("outputs.o.value is [add(1, lenght('abc'))]; character 9 ")


def test_a_template_in_yaml_is_read_with_its_places() -> None:
    text = f"""$schema: {SCHEMA}
contentVersion: 1.0.0.0
resources: []
outputs:
  o: {{type: int, value: "[add(1, 2)]"}}
  bad: {{type: int, value: "[ad(1, 2)]"}}
"""
    read = reading.read_source(Source(name="template.yml", content=text.encode()))
    found = expansion.expand(expansion.ExpandRequest(document=read))
    assert outputs(found)["o"] == 3
    assert [each.where for each in found.problems] == ["template.yml:6:20"]


def test_a_broken_expression_that_reads_a_resource_is_reported_once() -> None:
    found = expand(template(resources=[resource("r", properties={"a": "[reference('x']"})]))
    assert [each.code for each in found.problems] == ["template-expression-broken"]


def test_a_key_that_yaml_reads_as_true_or_false_is_refused_with_its_place() -> None:
    with pytest.raises(InputError) as caught:
        reading.read_source(Source(name="template.yml", content=b"parameters:\n  n: {type: int}\n"))
    assert (caught.value.where, caught.value.fix) == ("template.yml:2:3", "Write the key in quotes.")


def test_a_reference_to_a_key_vault_names_a_secret_of_ours_that_is_not_shown() -> None:
    file = document('{"parameters": {"p": {"reference": {"keyVault": {"id": "x"}, "secretName": "db"}}}}', "p.json")
    given = parameters.read_parameter_file(file, {"db": "hunter2secret"}.get)
    text = template(parameters={"p": {"type": "string"}}, outputs={"o": _text("[concat('a', parameters('p'))]")})
    found = expansion.expand(expansion.ExpandRequest(document=document(text), parameters=given))
    assert (shown(outputs(found)["o"]), outputs(found)["o"]) == ("(hidden)", "ahunter2secret")
    with pytest.raises(InputError, match="The secret 'db' for the parameter 'p' does not exist"):
        parameters.read_parameter_file(file, lambda _: None)


def test_a_default_must_fit_and_a_given_value_is_reported_once() -> None:
    text = template(parameters={"p": {"type": "int", "defaultValue": 9, "maxValue": 3}})
    assert [each.what.partition("is not valid. ")[2] for each in expand(text).problems] == [
        "The value should be less than or equal to '3'."
    ]
    assert len(expand(text, p=8).problems) == 1
    assert len(expand(text, p=2).problems) == 0
