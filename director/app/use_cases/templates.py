"""The use cases of templates: what one describes, its parameters, its outputs, its text, and cases of its language.

Takes a request in which the files were read, gives what to show. Nothing is created.
"""

from collections.abc import Iterator

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.app.templates import expanding
from director.app.templates.template_request import TemplateRequest
from director.errors import raise_all
from director.model.documents import Remark, Source
from director.model.report import Table
from director.text.arm import cases, json_text, reading
from director.text.arm.template import expansion, problems, sections
from director.text.arm.template.expansion import ExpandedResource
from director.text.arm.template.nodes import root_of
from director.text.arm.template.sections import ParameterDefinition
from director.text.arm.template.types import TypeDefinition, plain_value, resolved
from director.text.arm.values import HIDDEN, DeployedValue, Value, quoted, shown

_OF_SEVERAL = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTable:
    """Rows to show, and remarks about what is read without effect."""

    table: Table
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedTemplate:
    """The template's text and its value; `comment` is the place of the first comment, which is not in the text."""

    text: str
    value: JsonValue
    comment: str = ""


def validate_template(request: TemplateRequest) -> TemplateTable:
    """List the resources that a template describes, in the order of their deployment. Raises all problems at once."""
    found = expanding.expand_template(request)
    resources = list(expansion.each_resource(found.root))
    rows = [_resource_row(number, each) for number, each in enumerate(resources, start=1)]
    columns = ("order", "name", "type", "after")
    table = Table(name="resources", columns=columns, rows=tuple(rows), empty="The template has no resources to deploy.")
    return TemplateTable(table=table, remarks=found.remarks)


def list_outputs(request: TemplateRequest) -> TemplateTable:
    """List the outputs that a template gives; what only a deployment knows is named."""
    found = expanding.expand_template(request)
    rows = tuple(
        {
            "name": each.name,
            "type": each.type,
            "value": HIDDEN if each.is_secure else _json(each.value),
            "known": not isinstance(each.value, DeployedValue),
        }
        for each in found.root.outputs
    )
    table = Table(name="outputs", columns=("name", "type", "value"), rows=rows, empty="The template has no outputs.")
    return TemplateTable(table=table, remarks=found.remarks)


def list_parameters(source: Source) -> TemplateTable:
    """List the parameters that a template takes, with their constraints."""
    document = reading.read_source(source)
    findings = problems.TemplateFindings()
    template = sections.read_template(root_of(document), findings)
    raise_all(findings.problems)
    rows = tuple(
        _parameter_row(each, resolved(each.type, template.definitions)) for each in template.parameters.values()
    )
    columns = ("name", "type", "default", "constraints", "description")
    table = Table(name="parameters", columns=columns, rows=rows, empty="The template has no parameters.")
    return TemplateTable(table=table, remarks=(*document.remarks, *findings.remarks))


def format_template(source: Source) -> FormattedTemplate:
    """Give a template as formatted JSON."""
    document = reading.read_source(source)
    is_json = json_text.begins_as_json(source)
    return FormattedTemplate(
        text=reading.format_document(document),
        value=_json(reading.ordered(document)),
        comment=json_text.first_comment(source) if is_json else "",
    )


def run_cases(source: Source) -> tuple[TemplateTable, int]:
    """Run a file of cases of the language; gives the number of those that came out otherwise than they expect."""
    document = reading.read_source(source)
    outcomes = [cases.run_case(each) for each in cases.read_cases(document)]
    rows = tuple(
        {
            "case": each.name,
            "result": _RESULTS[each.is_expected],
            "value": None if each.errors else _json(each.value),
            "error": "; ".join(error.what for error in each.errors),
        }
        for each in outcomes
    )
    table = Table(name="cases", columns=("case", "result", "value", "error"), rows=rows)
    failed = sum(each.is_expected is False for each in outcomes)
    return TemplateTable(table=table, remarks=document.remarks), failed


_RESULTS = {True: "as expected", False: "not as expected", None: "evaluated"}


def _resource_row(number: int, resource: ExpandedResource) -> dict[str, JsonValue]:
    instance = resource.instance
    after: list[JsonValue] = [_short(word) for word in resource.waits_for[:_OF_SEVERAL]]
    return {
        "order": number,
        "name": _json(instance.name),
        "type": instance.type,
        "after": after,
        "api_version": instance.api_version,
        "id": instance.resource_id,
        "is_certain": instance.is_wanted is True,
        "where": instance.node.where,
        "body": _json(dict(resource.body)),
    }


def _short(word: str) -> str:
    """The last name of an identifier."""
    return word.rpartition("/")[2] if word.startswith("/") else word


def _parameter_row(definition: ParameterDefinition, wanted: TypeDefinition) -> dict[str, JsonValue]:
    default = definition.default
    is_hidden = wanted.is_secure and default is not None
    return {
        "name": definition.name,
        "type": wanted.title,
        "default": HIDDEN if is_hidden else _json(plain_value(default)) if default else None,
        "constraints": list(_constraints(definition, wanted)),
        "description": definition.description,
        "where": definition.node.where,
    }


def _constraints(definition: ParameterDefinition, wanted: TypeDefinition) -> Iterator[JsonValue]:
    if definition.default is None and not (wanted.is_nullable or definition.type.is_nullable):
        yield "required"
    if wanted.allowed is not None:
        yield f"one of {' '.join(quoted(each) for each in wanted.allowed)}"
    limits = (
        ("at least", wanted.least),
        ("at most", wanted.most),
        ("length at least", wanted.shortest),
        ("length at most", wanted.longest),
    )
    for words, limit in limits:
        if limit is not None:
            yield f"{words} {limit}"


def _json(value: Value) -> JsonValue:
    """A value as JSON: secure parts are hidden."""
    return shown(value)  # type: ignore[return-value]  # shown values are JSON
