"""The outputs of a template.

Takes the section and the names of its template, gives values.
"""

from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.text.arm.template import problems, trees, types
from director.text.arm.template.names import LoopPosition, TemplateNames
from director.text.arm.template.nodes import Node
from director.text.arm.template.sections import Template
from director.text.arm.values import DeployedValue, Value, secured


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateOutput:
    """An output that the condition, if it has one, lets through."""

    name: str
    type: str
    value: Value = field(repr=False)
    is_secure: bool = False

    def as_value(self) -> Value:
        """As reference('deployment').outputs has it."""
        return {"type": self.type, "value": self.value}


def evaluate_outputs(template: Template, names: TemplateNames) -> tuple[TemplateOutput, ...]:
    """Evaluate all outputs; what is wrong is recorded."""
    found: list[TemplateOutput] = []
    for name, node in template.outputs.members() if template.outputs else ():
        try:
            output = _output(name, node, names)
        except InputError as error:
            if error.code == problems.TOO_BIG:
                raise
            names.run.findings.add(error)
            output = TemplateOutput(name=name, type="", value=DeployedValue(origin=f"the output '{name}'"))
        if output:
            found.append(output)
    return tuple(found)


def _output(name: str, node: Node, names: TemplateNames) -> TemplateOutput | None:
    condition = node.member("condition")
    if condition and trees.evaluate_node(condition, names) is False:
        return None
    wanted = types.read_type(node)
    final = types.resolved(wanted, names.template.definitions)
    value = _value(name, node, names)
    for sentence in types.violations(value, wanted, names.template.definitions, noun="output"):
        raise problems.of_template(
            f"The template output '{name}' {node.line_and_column} is not valid: {sentence}",
            node,
            fix="Correct its type or its value.",
        )
    is_secure = final.is_secure
    return TemplateOutput(
        name=name, type=final.title, value=secured(value) if is_secure else value, is_secure=is_secure
    )


def _value(name: str, node: Node, names: TemplateNames) -> Value:
    loop, value = node.member("copy"), node.member("value")
    if loop is None or not loop.is_object:
        if value is None:
            raise problems.of_template(f"The output '{name}' has no value.", node, fix="Add 'value'.")
        return trees.evaluate_node(value, names)
    body = loop.member("input")
    if body is None:
        raise problems.of_template("A loop of an output needs a count and an input.", loop, fix="Add 'input'.")
    count = trees.copy_count(loop, names)
    if isinstance(count, DeployedValue):
        return count
    return [trees.evaluate_node(body, _in_loop(names, name, index)) for index in range(count)]


def _in_loop(names: TemplateNames, loop: str, index: int) -> TemplateNames:
    return replace(names, loops=(*names.loops, LoopPosition(name=loop, index=index)))
