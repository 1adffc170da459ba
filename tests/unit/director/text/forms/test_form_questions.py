"""A createUiDefinition.json becomes questions whose rules, choices and visibility follow the answers."""

import json
from typing import Any

import pytest

from director.errors import InputError, Problems
from director.model.documents import Document, Source
from director.model.questions import AnswerKind, SetupQuestion
from director.text.arm import json_text
from director.text.forms import answers, writing
from director.text.forms.form_questions import FormQuestions
from director.text.forms.template_questions import TemplateQuestions

_SIZES = [{"label": "Small", "value": "s", "description": "2 VMs"}, {"label": "Large", "value": "l"}]


def _form(*basics: dict[str, Any], outputs: dict[str, Any] | None = None, steps: Any = ()) -> FormQuestions:
    section = {"basics": list(basics), "steps": list(steps), "outputs": outputs or {}}
    return FormQuestions(_document({"handler": "Microsoft.Azure.CreateUIDef", "parameters": section}), seed="s")


def _document(value: Any) -> Document:
    return json_text.read_document(Source(name="createUiDefinition.json", content=json.dumps(value).encode()))


def _element(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": f"Microsoft.Common.{kind}", "label": name.upper(), **more}


def test_each_type_of_element_is_a_question() -> None:
    form = _form(
        _element("text", "TextBox", defaultValue="d", toolTip="Help.", constraints={"required": True}),
        _element("word", "PasswordBox", label={"password": "Word", "confirmPassword": "Again"}),
        _element("size", "DropDown", defaultValue="Large", constraints={"allowedValues": _SIZES, "required": True}),
        _element("way", "OptionsGroup", constraints={"allowedValues": [{"label": "a", "value": "a"}]}),
        _element("agree", "CheckBox", constraints={"required": True, "validationMessage": "Agree first."}),
        _element("count", "Slider", min=1, max=9, defaultValue=3),
    )
    found = [form.question(key, {}) for key in form.keys]
    assert [each and (each.kind, each.label, each.default, each.is_required) for each in found] == [
        (AnswerKind.TEXT, "TEXT", "d", True),
        (AnswerKind.SECRET, "Word", None, False),
        (AnswerKind.TEXT, "SIZE", "l", True),
        (AnswerKind.TEXT, "WAY", None, False),
        (AnswerKind.FLAG, "AGREE", False, True),
        (AnswerKind.NUMBER, "COUNT", 3, True),
    ]
    size, agree = _asked(form, "size"), _asked(form, "agree")
    assert [(choice.value, choice.label) for choice in size.choices] == [("s", "Small - 2 VMs"), ("l", "Large")]
    assert answers.read_answer(size, "1").value == "s"
    assert answers.read_answer(agree, "no").faults == ("Agree first.",)


def test_a_section_and_an_element_are_asked_only_where_they_are_visible() -> None:
    inner = _element("port", "TextBox", visible="[equals(steps('net').more.kind, 'tcp')]")
    section: dict[str, Any] = {"name": "more", "type": "Microsoft.Common.Section", "label": "More"}
    section |= {"elements": [_element("kind", "TextBox"), inner], "visible": "[basics('advanced')]"}
    form = _form(
        _element("advanced", "CheckBox"),
        steps=[{"name": "net", "label": "Net", "elements": [section]}],
        outputs={"port": "[steps('net').more.port]", "kind": "[coalesce(steps('net').more.kind, 'none')]"},
    )
    assert form.keys == ("advanced", "kind", "port")
    assert form.question("kind", {"advanced": False}) is None
    assert form.question("port", {"advanced": True, "kind": "udp"}) is None
    assert form.question("port", {"advanced": True, "kind": "tcp"}) is not None
    assert form.parameters({"advanced": False}) == {"kind": "none"}
    assert form.parameters({"advanced": True, "kind": "tcp", "port": "80"}) == {"port": "80", "kind": "tcp"}


def test_rules_are_those_of_patterns_and_of_expressions_over_all_answers() -> None:
    rules = [
        {"regex": "^[a-z]{3,8}$", "message": "Three to eight letters."},
        {"isValid": "[not(equals(basics('name'), basics('other')))]", "message": "Not the other name."},
    ]
    form = _form(_element("other", "TextBox"), _element("name", "TextBox", constraints={"validations": rules}))
    read = {text: _faults(form, other="abc", name=text) for text in ("ab", "abc", "abcd")}
    assert read == {"ab": ("Three to eight letters.",), "abc": ("Not the other name.",), "abcd": ()}


def test_a_rule_that_reads_the_answer_waits_for_it() -> None:
    rules = [{"isValid": "[startsWith(basics('name'), 'https://')]", "message": "It begins with https://."}]
    form = _form(_element("name", "TextBox", constraints={"validations": rules}))
    assert _asked(form, "name").rules == ()
    assert _faults(form, name="http://x") == ("It begins with https://.",)
    assert _faults(form, name="https://x") == ()


def test_a_default_that_reads_a_missing_answer_is_none_yet() -> None:
    form = _form(_element("a", "TextBox"), _element("b", "TextBox", defaultValue="[replace(basics('a'), '-', '')]"))
    assert _asked(form, "b").default is None
    question = form.question("b", {"a": "my-vm"})
    assert question is not None
    assert question.default == "myvm"


def test_a_guid_is_the_same_as_long_as_the_form_is_filled_in_and_another_at_each_place() -> None:
    form = _form(*(_element(name, "TextBox", defaultValue="[take(guid(), 8)]") for name in ("a", "b")))
    first, second = (_asked(form, name).default for name in ("a", "b"))
    assert first == _asked(form, "a").default != second
    assert len(str(first)) == 8


def test_what_was_not_answered_is_not_true() -> None:
    form = _form(_element("a", "CheckBox"), _element("b", "TextBox", visible="[not(basics('a'))]"))
    assert form.question("b", {}) is not None
    assert form.question("b", {"a": True}) is None


def test_a_note_is_shown_before_the_question_behind_it() -> None:
    note = {"name": "why", "type": "Microsoft.Common.InfoBox", "options": {"text": "[concat('Read ', 'this.')]"}}
    form = _form(_element("a", "TextBox"), note, _element("b", "TextBox"))
    assert (form.keys, _asked(form, "a").note, _asked(form, "b").note) == (("a", "b"), "", "Read this.")


def test_everything_that_cannot_be_asked_is_reported_at_once() -> None:
    grid, upload = _element("grid", "EditableGrid"), _element("file", "FileUpload")
    slow = _element("slow", "TextBox", constraints={"regex": "^(a+)+$"})
    with pytest.raises(Problems) as caught:
        _form(grid, upload, slow, _element("x", "TextBox"), _element("x", "TextBox"))
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["form-element-unavailable"] * 2 + ["template-invalid"] * 3
    assert "a table cannot be typed in one line" in caught.value.problems[0].why
    assert all(problem.where.startswith("createUiDefinition.json:1:") for problem in caught.value.problems)


def test_an_expression_that_fails_has_its_place() -> None:
    form = _form(_element("a", "TextBox", defaultValue="[toUpper(1)]"))
    with pytest.raises(InputError, match="toUpper") as caught:
        form.question("a", {})
    assert (caught.value.code, caught.value.where[:24]) == ("template-expression-failed", "createUiDefinition.json:")


def test_the_questions_of_a_template_written_as_a_form_are_the_same_questions() -> None:
    parameters = {
        "name": {
            "type": "string",
            "minLength": 2,
            "maxLength": 9,
            "metadata": {"description": "Name", "pattern": "[a-z]+", "words": "Lower-case letters"},
        },
        "count": {"type": "int", "minValue": 1, "maxValue": 9, "defaultValue": 3},
        "size": {"type": "string", "allowedValues": ["s", "m"], "defaultValue": "m"},
        "token": {"type": "securestring"},
        "fast": {"type": "bool", "defaultValue": True},
    }
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    sections = {"$schema": schema, "contentVersion": "1", "resources": [], "parameters": parameters}
    template = TemplateQuestions(_document(sections))
    questions = [_asked(template, key) for key in template.keys]
    form = FormQuestions(_document(writing.form_of(questions)), seed="s")
    assert form.keys == template.keys
    texts = {"name": ("a", "abc", "ABC", "abcdefghijk", ""), "count": ("0", "3", "", "x"), "size": ("s", "", "1", "x")}
    texts |= {"token": ("t", ""), "fast": ("yes", "", "x")}
    for key, typed in texts.items():
        for text in typed:
            one, other = (answers.read_answer(_asked(each, key), text) for each in (template, form))
            assert (one.value, bool(one.faults)) == (other.value, bool(other.faults)), (key, text, one, other)


def _asked(questionnaire: FormQuestions | TemplateQuestions, key: str) -> SetupQuestion:
    question = questionnaire.question(key, {})
    assert question is not None
    return question


def _faults(form: FormQuestions, **given: str) -> tuple[str, ...]:
    question = form.question("name", given)
    assert question is not None
    return tuple(answers.faults_of(question, given["name"]))
