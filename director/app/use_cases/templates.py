"""The use cases of templates: what one describes, its parameters, its outputs, its text, and cases of its language.

Takes a request in which the files were read, gives what to show. Nothing is created: templates are not part of a plan.
"""

from collections.abc import Callable, Iterator

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model.documents import Document, Remark, Source
from director.model.report import Table
from director.text.arm import cases, json_text, reading
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion, parameters, problems, sections
from director.text.arm.template.expansion import ExpandedResource, ExpandRequest, Expansion
from director.text.arm.template.nodes import root_of
from director.text.arm.template.parameters import GivenParameter, SecretLookup
from director.text.arm.template.sections import ParameterDefinition
from director.text.arm.template.types import TypeDefinition, plain_value, resolved
from director.text.arm.values import HIDDEN, DeployedValue, Value, quoted, shown

_OF_SEVERAL = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRequest:
    """A template with what is given for it. `texts` are names and values of the command line, later ones win.

    `read_link` gives the file at the address of a linked template, None if it is not to be read.
    """

    template: Source
    parameter_files: tuple[Source, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    surroundings: Surroundings
    read_link: Callable[[str], Source | None]
    secret_of: SecretLookup


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
    found = _expanded(request)
    resources = list(expansion.each_resource(found.root))
    rows = [_resource_row(number, each) for number, each in enumerate(resources, start=1)]
    columns = ("order", "name", "type", "after")
    table = Table(name="resources", columns=columns, rows=tuple(rows), empty="The template has no resources to deploy.")
    return TemplateTable(table=table, remarks=found.remarks)


def list_outputs(request: TemplateRequest) -> TemplateTable:
    """List the outputs that a template gives; what only a deployment knows is named."""
    found = _expanded(request)
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


def _expanded(request: TemplateRequest) -> Expansion:
    document = reading.read_source(request.template)
    found = expansion.expand(
        ExpandRequest(
            document=document,
            surroundings=request.surroundings,
            parameters=tuple(_given(request)),
            links=lambda address: _linked(request, address),
        )
    )
    raise_all(found.problems)
    return found


def _given(request: TemplateRequest) -> Iterator[GivenParameter]:
    found: dict[str, GivenParameter] = {}
    errors: list[InputError] = []
    for file in request.parameter_files:
        try:
            for each in parameters.read_parameter_file(reading.read_source(file), request.secret_of):
                found[each.name.lower()] = each
        except InputError as error:
            errors.append(error)
    raise_all(errors)
    for name, text in request.texts:
        found[name.lower()] = GivenParameter(name=name, value=text, is_text=True)
    yield from found.values()


def _linked(request: TemplateRequest, address: str) -> Document | None:
    source = request.read_link(address)
    return reading.read_source(source) if source else None


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
