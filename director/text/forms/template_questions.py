"""The parameters of a template as questions.

Takes a template's document, gives its questions. `metadata` of a parameter says what the language of templates has no
member for: `pattern` with its meaning as `words`, `source` of suggestions, `asked: false`.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.json_value import JsonValue
from director.errors import InputError, raise_all
from director.model.documents import Document, Remark
from director.model.questions import AnswerChoice, AnswerKind, AnswerRule, SetupQuestion
from director.text.arm.expressions import parse
from director.text.arm.failures import ExpressionError
from director.text.arm.template import problems, sections
from director.text.arm.template.nodes import Node, root_of
from director.text.arm.template.sections import ParameterDefinition, Template
from director.text.arm.template.types import ParameterKind, TypeDefinition, plain_value, resolved
from director.text.forms import patterns

_KINDS: Mapping[ParameterKind | None, AnswerKind] = {
    ParameterKind.STRING: AnswerKind.TEXT,
    ParameterKind.SECURE_STRING: AnswerKind.SECRET,
    ParameterKind.INT: AnswerKind.NUMBER,
    ParameterKind.BOOL: AnswerKind.FLAG,
    ParameterKind.ARRAY: AnswerKind.LIST,
    ParameterKind.OBJECT: AnswerKind.MAP,
    ParameterKind.SECURE_OBJECT: AnswerKind.MAP,
    None: AnswerKind.TEXT,
}


class TemplateQuestions:
    """Implements Questionnaire by the template's own parameters: each is a question, whatever was answered."""

    def __init__(self, document: Document) -> None:
        """Raises InputError and Problems of the parameters."""
        findings = problems.TemplateFindings()
        template = sections.read_template(root_of(document), findings)
        raise_all([*findings.problems, *_bad_patterns(template)])
        found = [_question(each, template) for each in template.parameters.values()]
        self._questions = {question.name: question for question in found}
        self.keys = tuple(self._questions)
        self.remarks: tuple[Remark, ...] = (*document.remarks, *findings.remarks)

    def question(self, key: str, answers: Mapping[str, JsonValue]) -> SetupQuestion | None:
        return self._questions[key]

    def parameters(self, answers: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        return {name: value for name, value in answers.items() if value is not None}


def _question(definition: ParameterDefinition, template: Template) -> SetupQuestion:
    wanted = resolved(definition.type, template.definitions)
    about = definition.node.member("metadata")
    default = _literal_default(definition)
    label = (about.text("label") if about else None) or definition.description or definition.name
    is_nullable = definition.type.is_nullable or wanted.is_nullable
    return SetupQuestion(
        name=definition.name,
        kind=_KINDS[wanted.kind],
        label=label.splitlines()[0] if label.strip() else definition.name,
        help=definition.description if label != definition.description else "",
        default=default,
        choices=tuple(AnswerChoice(value=each) for each in _allowed(wanted)),
        is_several=wanted.kind is ParameterKind.ARRAY and bool(wanted.allowed),
        is_required=definition.default is None and not is_nullable,
        is_asked=about is None or _flag(about.member("asked")),
        rules=tuple(_rules(about)),
        least=wanted.least,
        most=wanted.most,
        shortest=wanted.shortest,
        longest=wanted.longest,
        source=(about.text("source") if about else None) or "",
        note="" if definition.default is None or default is not None else "Without an answer the template decides.",
    )


def _literal_default(definition: ParameterDefinition) -> JsonValue:
    """The default, None without one and where an expression computes it."""
    if definition.default is None or any(parse.is_expression(str(each.value)) for each in definition.default.leaves()):
        return None
    found: JsonValue = plain_value(definition.default)  # type: ignore[assignment]  # a literal is JSON
    return parse.literal(found) if isinstance(found, str) else found


def _allowed(wanted: TypeDefinition) -> tuple[JsonValue, ...]:
    return wanted.allowed or ()  # type: ignore[return-value]  # literals are JSON


def _flag(node: Node | None) -> bool:
    return node is None or node.value is not False


def _rules(about: Node | None) -> Iterator[AnswerRule]:
    pattern = about.text("pattern") if about else None
    if about is not None and pattern is not None:
        words = about.text("words") or f"It must match {pattern}."
        yield AnswerRule(words=words, pattern=f"^(?:{pattern})$")


def _bad_patterns(template: Template) -> Iterator[InputError]:
    for definition in template.parameters.values():
        about = definition.node.member("metadata")
        pattern = about.member("pattern") if about else None
        if pattern is not None:
            try:
                patterns.check_pattern(str(pattern.value))
            except ExpressionError as error:
                yield problems.of_template(error.what, pattern, fix=error.hint or "Correct the pattern.")
