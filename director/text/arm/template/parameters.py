"""Values of parameters: what was given, defaults, and whether they fit.

Takes a template's definitions and given values, gives values by name; all that is wrong at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document
from director.text.arm import json_text
from director.text.arm.failures import ExpressionError
from director.text.arm.template import problems, types
from director.text.arm.template.nodes import Node, root_of, suggestion
from director.text.arm.template.problems import TemplateFindings
from director.text.arm.template.sections import ParameterDefinition, Template
from director.text.arm.template.types import ParameterKind
from director.text.arm.values import HIDDEN, DeployedValue, Value, quoted, secured

SecretLookup = Callable[[str], str | None]
"""The value of a secret by its name, None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenParameter:
    """`is_text`: it was given as text, and the parameter's type decides what that means.

    `is_argument`: it was written on the command line, where other users of the machine read it.
    """

    name: str
    value: Value = field(repr=False)
    node: Node | None = None
    is_text: bool = False
    is_argument: bool = False


def read_parameter_file(document: Document, secret_of: SecretLookup) -> tuple[GivenParameter, ...]:
    """Read a parameter file; a reference to a key vault names a secret of compleat's own vault. Raises InputError."""
    root = root_of(document)
    section = root.member("parameters") or root
    if not section.is_object:
        raise problems.of_parameter(
            "A parameter file is an object with 'parameters'.", root, fix="Write {parameters: {name: {value: ...}}}."
        )
    return tuple(_from_file(name, child, secret_of) for name, child in section.members() if not name.startswith("$"))


def _from_file(name: str, node: Node, secret_of: SecretLookup) -> GivenParameter:
    value, reference = node.member("value"), node.member("reference")
    if value is not None:
        return GivenParameter(name=name, value=types.plain_value(value), node=node)
    secret = (reference.text("secretName") or reference.text("name")) if reference else None
    if not secret:
        raise problems.of_parameter(
            f"The parameter '{name}' has no value.", node, fix="Write {value: ...}, or {reference: {secretName: ...}}."
        )
    found = secret_of(secret)
    if found is None:
        raise problems.of_parameter(
            f"The secret '{secret}' for the parameter '{name}' does not exist.",
            node,
            why="A reference to a key vault names a secret of the environment; its vault has none of that name.",
            fix="List secrets with 'compleat creds', or give the value.",
        )
    return GivenParameter(name=name, value=secured(found), node=node)


class ParameterValues:
    """Values by name: a default is evaluated when it is first read."""

    def __init__(self, template: Template, given: Sequence[GivenParameter], findings: TemplateFindings) -> None:
        self._template = template
        self._findings = findings
        self._known: dict[str, Value] = {}
        self._given: set[str] = set()
        self._reading: list[str] = []
        self.evaluate_default: Callable[[Node], Value] = types.plain_value
        """Set by the names of the template, which defaults may read."""
        for each in given:
            self._bind(each)

    def value(self, name: str) -> Value:
        """The value of a parameter. Raises ExpressionError."""
        key = name.lower()
        definition = self._template.parameters.get(key)
        if definition is None:
            names = tuple(each.name for each in self._template.parameters.values())
            raise ExpressionError(f"The template parameter '{name}' is not found.", hint=suggestion(name, names))
        if key not in self._known:
            self._known[key] = self._default(key, definition)
        return self._known[key]

    def check(self) -> Mapping[str, Value]:
        """Give all values, and record each that is missing or does not fit."""
        found: dict[str, Value] = {}
        for key, definition in self._template.parameters.items():
            if key not in self._known and definition.default is None and not self._is_nullable(definition):
                self._findings.add(_missing(definition, is_secure=self._is_secure(definition)))
                self._known[key] = DeployedValue(origin=f"parameters('{definition.name}')")
                continue
            found[definition.name] = self._findings.attempt(lambda name=definition.name: self._read(name))  # type: ignore[misc]
        return found

    def _read(self, name: str) -> Value:
        definition = self._template.parameters[name.lower()]
        try:
            value = self.value(name)
        except ExpressionError as error:
            raise problems.of_expression(error, definition.default or definition.node) from error
        if name.lower() not in self._given:
            is_fitting = self._check_value(definition, value, definition.default or definition.node)
            self._known[name.lower()] = self._kept(definition, value, is_fitting=is_fitting)
        return value

    def _bind(self, given: GivenParameter) -> None:
        """Take a given value; null for a parameter that has a default means the default, as Bicep's modules rely on."""
        definition = self._template.parameters.get(given.name.lower())
        if definition is None:
            self._findings.add(_undeclared(given, self._template))
            return
        if given.is_argument and self._is_secure(definition):
            self._findings.add(_on_the_command_line(definition))
        try:
            value = _typed(given, definition) if given.is_text else given.value
        except InputError as error:
            self._findings.add(error)
            value = DeployedValue(origin=given.name)
        if value is None and definition.default is not None and not self._is_nullable(definition):
            return
        is_fitting = self._check_value(definition, value, given.node or definition.node)
        self._given.add(given.name.lower())
        self._known[given.name.lower()] = self._kept(definition, value, is_fitting=is_fitting)

    def _default(self, key: str, definition: ParameterDefinition) -> Value:
        if key in self._reading:
            names = (*self._reading[self._reading.index(key) :], key)
            spelled = " -> ".join(self._template.parameters[each].name for each in names)
            raise ExpressionError(f"Circular reference of parameters: {spelled}.", hint="Give one of them a value.")
        if definition.default is None:
            return None if self._is_nullable(definition) else DeployedValue(origin=f"parameters('{definition.name}')")
        self._reading.append(key)
        try:
            value = self.evaluate_default(definition.default)
        finally:
            self._reading.pop()
        return secured(value) if self._is_secure(definition) else value

    def _check_value(self, definition: ParameterDefinition, value: Value, node: Node) -> bool:
        """Record what does not fit; gives whether all does."""
        sentences = tuple(types.violations(value, definition.type, self._template.definitions))
        for sentence in sentences:
            self._findings.add(self._violation(definition, value, sentence, node=node))
        return not sentences

    def _kept(self, definition: ParameterDefinition, value: Value, *, is_fitting: bool) -> Value:
        """The value; one that does not fit is not known, so that what reads it is not refused for that, too."""
        if not is_fitting:
            return DeployedValue(origin=f"parameters('{definition.name}')")
        return secured(value) if self._is_secure(definition) else value

    def _violation(self, definition: ParameterDefinition, value: Value, sentence: str, *, node: Node) -> InputError:
        shown = "" if self._is_secure(definition) or "Length" in sentence else f" '{quoted(value)}'"
        place = definition.node.line_and_column
        what = (
            f"The provided value{shown} for the template parameter '{definition.name}' {place} is not valid. {sentence}"
        )
        why = definition.description or f"It is of the type {definition.type.title}."
        return problems.of_parameter(what, node, why=why, fix=f"Give '{definition.name}' a value that fits.")

    def _is_secure(self, definition: ParameterDefinition) -> bool:
        return types.resolved(definition.type, self._template.definitions).is_secure

    def _is_nullable(self, definition: ParameterDefinition) -> bool:
        return definition.type.is_nullable or types.resolved(definition.type, self._template.definitions).is_nullable


def _typed(given: GivenParameter, definition: ParameterDefinition) -> Value:
    """Text from the command line, as the parameter's type has it."""
    text = str(given.value)
    match definition.type.kind:
        case ParameterKind.STRING | ParameterKind.SECURE_STRING:
            return text
        case _:
            try:
                return json_text.read_value(text)
            except ExpressionError as error:
                is_secure = definition.type.is_secure
                raise problems.of_parameter(
                    f"The text {HIDDEN if is_secure else repr(text[:40])} given for the parameter "
                    f"'{definition.name}' is not of its type, {definition.type.title}.",
                    definition.node,
                    why="" if is_secure else error.what,
                    fix="Write numbers, true and false as they are; arrays and objects as JSON.",
                ) from error


def _missing(definition: ParameterDefinition, *, is_secure: bool) -> InputError:
    value = "@FILE" if is_secure else "VALUE"
    return problems.of_parameter(
        f"The value for the template parameter '{definition.name}' {definition.node.line_and_column} is not provided.",
        definition.node,
        why=definition.description or f"It is of the type {definition.type.title}, and has no default.",
        fix=f"Give it in a parameter file, or with '--parameters {definition.name}={value}'.",
    )


def _on_the_command_line(definition: ParameterDefinition) -> InputError:
    name = definition.name
    return InputError(
        "template-secure-argument",
        f"The value of the secure parameter '{name}' was given on the command line.",
        why="Other users of this machine can read command lines; the shell keeps them in its history.",
        fix=f"Write it into a file and give '{name}=@FILE', or use a parameter file.",
        where=definition.node.where,
    )


def _undeclared(given: GivenParameter, template: Template) -> InputError:
    names = [each.name for each in template.parameters.values()]
    node = given.node or template.node
    return problems.of_parameter(
        f"The template parameters '{given.name}' are not valid; they are not present in the original template and can "
        "therefore not be provided at deployment time. The only supported parameters for this template are "
        f"'{', '.join(names)}'.",
        node,
        fix=suggestion(given.name, names),
    )
