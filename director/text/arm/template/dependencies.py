"""The order in which the resources of a template are deployed.

Takes instances, gives them in order with what each waits for; an unknown dependency and a circle are recorded.
Source: MicrosoftDocs/azure-docs resource-dependency.md @0b7b79b63402.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.spans import Path
from director.text.arm.expressions import evaluate, parse, syntax
from director.text.arm.expressions.syntax import FunctionCall
from director.text.arm.failures import ExpressionError
from director.text.arm.template import nested_scopes, problems
from director.text.arm.template.instances import ResourceInstance
from director.text.arm.template.names import TemplateNames
from director.text.arm.template.nodes import Node, suggestion
from director.text.arm.template.resource_index import ResourceIndex, short_id

Key = tuple[str, int | str]
"""A resource by its number, or a group of resources that others wait for together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOrder:
    """`resources` in order; `waits_for` has the words of what each waits for, by its number."""

    resources: tuple[ResourceInstance, ...]
    waits_for: Mapping[int, tuple[str, ...]]


def order_resources(
    instances: Sequence[ResourceInstance], index: ResourceIndex, names: TemplateNames
) -> DeploymentOrder:
    """Put resources behind those that they depend on; others keep the order in which they are written."""
    ordering = _Ordering(instances, index, names)
    for each in instances:
        ordering.add(each)
    order = tuple(instances[int(key[1])] for key in ordering.sorted() if key[0] == "resource")
    return DeploymentOrder(resources=order, waits_for={key: tuple(words) for key, words in ordering.words.items()})


class _Ordering:
    def __init__(self, instances: Sequence[ResourceInstance], index: ResourceIndex, names: TemplateNames) -> None:
        self.words: dict[int, list[str]] = {}
        self._instances = instances
        self._index = index
        self._names = names
        self._edges: dict[Key, list[Key]] = {}
        self._reading: dict[Path, tuple[str, ...]] = {}

    def add(self, instance: ResourceInstance) -> None:
        """Record what an instance waits for."""
        for node, word in instance.depends_on:
            found = self._index.find(word)
            if found is None:
                what = f"The resource '{short_id(word)}' is not defined in the template."
                fix = suggestion(short_id(word), self._index.words)
                self._names.run.findings.add(problems.of_template(what, node, fix=fix))
            else:
                self._wait(instance, word, found)
        path = instance.node.path
        if path not in self._reading:
            self._reading[path] = tuple(_reading_expressions(instance.node))
        for word in _referenced(instance, self._reading[path]):
            self._wait(instance, word, self._index.find(word) or ())
        if instance.loop and instance.loop.batch:
            self._edge(_key(instance), ("batch", f"{instance.loop.name}#{instance.loop.batch - 1}"))
        if instance.loop and instance.loop.batch is not None:
            self._edge(("batch", f"{instance.loop.name}#{instance.loop.batch}"), _key(instance))

    def sorted(self) -> Iterator[Key]:
        """All keys, each behind those that it waits for; a circle is recorded once and cut."""
        done: set[Key] = set()
        for start in [_key(each) for each in self._instances]:
            yield from self._visit(start, done)

    def _visit(self, start: Key, done: set[Key]) -> Iterator[Key]:
        path: dict[Key, Iterator[Key]] = {} if start in done else {start: iter(self._edges.get(start, ()))}
        while path:
            key = next(reversed(path))
            following = next(path[key], None)
            if following is None:
                del path[key]
                done.add(key)
                yield key
            elif following in path:
                self._record_circle([*path][list(path).index(following) :])
            elif following not in done:
                path[following] = iter(self._edges.get(following, ()))

    def _wait(self, instance: ResourceInstance, word: str, found: Sequence[ResourceInstance]) -> None:
        others = [each for each in found if each.number != instance.number and each.is_wanted is not False]
        if not others:
            return
        words = self.words.setdefault(instance.number, [])
        title = others[0].symbol_title or others[0].resource_id or others[0].title if len(others) == 1 else word
        if title not in words:
            words.append(title)
        if len(others) == 1:
            self._edge(_key(instance), _key(others[0]))
            return
        group: Key = ("group", word.lower())
        if group not in self._edges:
            self._edges[group] = [_key(each) for each in found if each.is_wanted is not False]
        self._edge(_key(instance), group)

    def _edge(self, waiting: Key, for_: Key) -> None:
        self._edges.setdefault(waiting, []).append(for_)

    def _record_circle(self, circle: list[Key]) -> None:
        named = [self._instances[int(key[1])] for key in circle if key[0] == "resource"]
        spelled = " -> ".join(each.symbol_title or quoted_name(each) for each in (*named, named[0]))
        first = named[0]
        error: InputError = problems.of_template(
            f"Circular dependency detected on resource: '{first.resource_id or first.title}'.",
            first.node.member("dependsOn") or first.node,
            why=f"Each waits for the next one: {spelled}.",
            fix="Remove one of these dependencies, or the reference() that makes it.",
        )
        self._names.run.findings.add(error)


def quoted_name(instance: ResourceInstance) -> str:
    """Its name, or its type if that is not known."""
    return instance.name if isinstance(instance.name, str) else instance.type


def _key(instance: ResourceInstance) -> Key:
    return ("resource", instance.number)


def _reading_expressions(node: Node) -> Iterator[str]:
    """The expressions of a resource that may read another one, those of a nested template with outer scope included."""
    nested = nested_scopes.nested_template(node) if nested_scopes.is_inner(node) else None
    for name, member in node.members():
        if name.lower() in {"resources", "dependson", "copy", "condition"}:
            continue
        for leaf in member.leaves():
            if nested and leaf.path[: len(nested.path)] == nested.path:
                continue
            text = str(leaf.value)
            if parse.is_expression(text) and ("reference" in (small := text.lower()) or "list" in small):
                yield text


def _referenced(instance: ResourceInstance, expressions: Sequence[str]) -> Iterator[str]:
    """Names of resources that its expressions read; identifiers do not make a dependency."""
    for text in expressions:
        yield from _read_words(text, instance)


def _read_words(text: str, instance: ResourceInstance) -> Iterator[str]:
    names = instance.names
    try:
        expression = names.parsed.parse(text)
    except ExpressionError:
        return  # recorded by the check of expressions
    for call in syntax.each_call(expression):
        if evaluate.is_deployed_function(call.name) and call.arguments and not call.namespace:
            word = _word(call, names)
            has_version = len(call.arguments) > 1 and not evaluate.is_list_function(call.name)
            if word and (not word.startswith("/") or not has_version):
                yield word


def _word(call: FunctionCall, names: TemplateNames) -> str:
    """What the first argument is, if it is known at start."""
    try:
        value = evaluate.evaluate(call.arguments[0], names)
    except (ExpressionError, InputError):
        return ""
    return value if isinstance(value, str) else ""
