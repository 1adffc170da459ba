"""Resources of a template, loops unrolled, with what is known of each before anything is deployed.

Takes the written resources and the names of their template, gives instances; what is wrong is recorded.
Source: MicrosoftDocs/azure-docs syntax.md @01292a9960bd, copy-resources.md @0b7b79b63402.
"""

from collections.abc import Iterator
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.text.arm.template import nested_scopes, problems, trees
from director.text.arm.template.names import LoopPosition, TemplateNames
from director.text.arm.template.nodes import Node
from director.text.arm.template.sections import ResourceNode
from director.text.arm.values import DeployedValue, Value, quoted, type_name

MAX_RESOURCES = 10_000
AZURE_RESOURCES = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLoop:
    """The loop that made an instance. `batch` is None if all of its instances may be deployed in parallel."""

    name: str
    index: int | DeployedValue
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceInstance:
    """`name` and `is_wanted` (its condition) may be known after the deployment alone; `resource_id` is "" then.

    `number` is its position among the instances of its template.
    """

    number: int
    node: Node
    names: TemplateNames = field(repr=False)
    type: str
    name: Value
    api_version: str
    resource_id: str
    is_wanted: bool | DeployedValue = True
    is_existing: bool = False
    symbol: str = ""
    loop: ResourceLoop | None = None
    depends_on: tuple[tuple[Node, str], ...] = ()

    @property
    def title(self) -> str:
        """Type and name, as messages of Azure Resource Manager have them."""
        return f"{self.type}/{quoted(self.name)}"

    @property
    def symbol_title(self) -> str:
        """sym, or sym[0] in a loop."""
        is_numbered = self.loop and isinstance(self.loop.index, int)
        return f"{self.symbol}[{self.loop.index}]" if self.loop and is_numbered else self.symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Instances:
    """All instances in order, and the names of all loops, also of those that run no times."""

    all: tuple[ResourceInstance, ...]
    loops: frozenset[str]


def list_instances(resources: tuple[ResourceNode, ...], names: TemplateNames) -> Instances:
    """Unroll the loops of resources and evaluate what is known at start."""
    listing = _Listing(names)
    for resource in resources:
        listing.add(resource, names, parent=None)
    if len(listing.found) > AZURE_RESOURCES:
        text = f"The template has {len(listing.found)} resources: Azure Resource Manager takes {AZURE_RESOURCES}."
        names.run.findings.remark("template-above-azure-limit", text, names.template.node)
    return Instances(all=tuple(listing.found), loops=frozenset(listing.loops))


class _Listing:
    def __init__(self, names: TemplateNames) -> None:
        self.found: list[ResourceInstance] = []
        self.loops: set[str] = set()
        self._findings = names.run.findings

    def add(self, resource: ResourceNode, names: TemplateNames, *, parent: ResourceInstance | None) -> None:
        """Add all instances of a resource, each followed by its children."""
        try:
            loops = list(self._loops(resource, names))
        except InputError as error:
            _raise_if_too_big(error)
            self._findings.add(error)
            loops = [ResourceLoop(name="", index=DeployedValue(origin="copy"))]
        for loop in loops:
            inner = names
            if loop:
                inner = replace(names, loops=(*names.loops, LoopPosition(name=loop.name, index=loop.index)))
            instance = self._instance(resource, inner, loop=loop, parent=parent)
            self.found.append(instance)
            if len(self.found) > MAX_RESOURCES:
                raise InputError(
                    "template-too-big",
                    f"The template has more than {MAX_RESOURCES} resources.",
                    where=resource.node.where,
                    fix="Deploy it in parts.",
                )
            for child in resource.children:
                self.add(child, inner, parent=instance)

    def _loops(self, resource: ResourceNode, names: TemplateNames) -> Iterator[ResourceLoop | None]:
        copy = resource.node.member("copy")
        if copy is None:
            yield None
            return
        name = str(trees.evaluate_node(copy.child("name"), names)) if copy.text("name") else resource.symbol
        self.loops.update(each.lower() for each in (name, resource.symbol) if each)
        count = trees.copy_count(copy, names)
        size = _batch_size(copy, names)
        if isinstance(count, DeployedValue):
            yield ResourceLoop(name=name, index=count)
            return
        for index in range(count):
            yield ResourceLoop(name=name, index=index, batch=None if size is None else index // size)

    def _instance(
        self,
        resource: ResourceNode,
        names: TemplateNames,
        *,
        loop: ResourceLoop | None,
        parent: ResourceInstance | None,
    ) -> ResourceInstance:
        node = resource.node
        kind = self._text(node, "type", names)
        name = self._name(node, names)
        if parent:
            kind, name = _full(kind, name, parent)
        self._check_segments(node, kind, name)
        existing = node.member("existing")
        return ResourceInstance(
            number=len(self.found),
            node=node,
            names=names,
            type=kind,
            name=name,
            api_version=self._api_version(node, names),
            resource_id=self._resource_id(node, names, kind=kind, name=name),
            is_wanted=self._condition(node, names),
            is_existing=bool(existing and existing.value is True),
            symbol=resource.symbol,
            loop=loop,
            depends_on=tuple(self._depends_on(node, names)),
        )

    def _value(self, node: Node, name: str, names: TemplateNames) -> Value:
        member = node.member(name)
        if member is None:
            return None
        return self._findings.attempt(lambda: trees.evaluate_node(member, names))

    def _text(self, node: Node, name: str, names: TemplateNames) -> str:
        value = self._value(node, name, names)
        if value is None:
            what = f"Required property '{name}' not found in the resource at {node.json_path}."
            self._findings.add(problems.of_template(what, node, fix=f"Add '{name}'."))
        elif not isinstance(value, str | DeployedValue):
            what = f"'{name}' of a resource must be a string. The provided value is of type '{type_name(value)}'."
            self._findings.add(problems.of_template(what, node.member(name) or node, fix="Write it in quotes."))
        return value if isinstance(value, str) else ""

    def _name(self, node: Node, names: TemplateNames) -> Value:
        value = self._value(node, "name", names)
        if value is None or value == "":
            place = node.line_and_column
            what = f"The template resource '' {place} is not valid. The name property cannot be null or empty."
            self._findings.add(problems.of_template(what, node.member("name") or node, fix="Give it a name."))
            return DeployedValue(origin="name")
        if isinstance(value, str | DeployedValue):
            return value
        what = f"The name of a resource must be a string. The provided value is of type '{type_name(value)}'."
        self._findings.add(problems.of_template(what, node.member("name") or node, fix="Wrap it in string(...)."))
        return DeployedValue(origin="name")

    def _api_version(self, node: Node, names: TemplateNames) -> str:
        if node.member("apiVersion") is None and names.template.node.member("apiProfile"):
            return ""
        return self._text(node, "apiVersion", names)

    def _condition(self, node: Node, names: TemplateNames) -> bool | DeployedValue:
        value = self._value(node, "condition", names)
        if value is None or isinstance(value, bool | DeployedValue):
            return True if value is None else value
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        what = f"A condition must be true or false. The provided value is of type '{type_name(value)}'."
        self._findings.add(problems.of_template(what, node.member("condition") or node, fix="Wrap it in bool(...)."))
        return True

    def _depends_on(self, node: Node, names: TemplateNames) -> Iterator[tuple[Node, str]]:
        section = node.member("dependsOn")
        if section is None or section.value is None:
            return
        if not section.is_array:
            what = "'dependsOn' must be an array of strings."
            self._findings.add(problems.of_template(what, section, fix="Write it in brackets."))
        for each in section.elements():
            value = self._findings.attempt(lambda each=each: trees.evaluate_node(each, names))  # type: ignore[misc]
            if isinstance(value, str) and value:
                yield each, value

    def _check_segments(self, node: Node, kind: str, name: Value) -> None:
        if not kind or not isinstance(name, str):
            return
        if kind.strip("/").count("/") != name.strip("/").count("/") + 1:
            what = (
                f"The template resource '{quoted(name)}' for type '{kind}' {node.line_and_column} has incorrect "
                "segment lengths. A nested resource type must have identical number of segments as its resource name. "
                "A root resource type must have segment length one greater than its resource name."
            )
            fix = "Write a name for each segment of the type: 'vnet/subnet' for virtualNetworks/subnets."
            self._findings.add(problems.of_template(what, node.member("name") or node, fix=fix))

    def _resource_id(self, node: Node, names: TemplateNames, *, kind: str, name: Value) -> str:
        scope = self._scope_id(node, names)
        if not isinstance(name, str) or scope is None or not kind:
            return ""
        return f"{scope}/providers/{type_and_name(kind, name)}"

    def _scope_id(self, node: Node, names: TemplateNames) -> str | None:
        own = names.surroundings.scope_id
        written = self._value(node, "scope", names)
        if isinstance(written, str) and written:
            is_whole = written.startswith("/")
            return written.rstrip("/") if is_whole else f"{own}/providers/{written}"
        if not nested_scopes.is_deployment(node):
            return None if isinstance(written, DeployedValue) else own
        target = nested_scopes.target(
            names.surroundings, self._value(node, "subscriptionId", names), self._value(node, "resourceGroup", names)
        )
        return target.scope_id if target else None


def type_and_name(kind: str, name: str) -> str:
    """Namespace/type/name/subtype/subname."""
    namespace, *types = kind.strip("/").split("/")
    names = name.strip("/").split("/")
    pairs = [part for pair in zip(types, names, strict=False) for part in pair]
    return "/".join((namespace, *pairs))


def _full(kind: str, name: Value, parent: ResourceInstance) -> tuple[str, Value]:
    """A child's whole type and name; both may be written whole or short."""
    whole = kind if kind.lower().startswith(f"{parent.type.lower()}/") else f"{parent.type}/{kind}"
    if not isinstance(name, str):
        return whole, name
    if name.count("/") + 1 == whole.count("/"):
        return whole, name
    if isinstance(parent.name, DeployedValue):
        return whole, DeployedValue(origin=f"{parent.name.origin}/{name}")
    return whole, f"{parent.name}/{name}"


def _batch_size(copy: Node, names: TemplateNames) -> int | None:
    """The number of instances that are deployed together, None if all are."""
    mode = copy.member("mode")
    word = str(trees.evaluate_node(mode, names)).lower() if mode else "parallel"
    if word not in {"serial", "parallel"} and mode:
        raise problems.of_template(f"A loop's mode is serial or parallel, not '{word}'.", mode, fix="Write 'serial'.")
    written = copy.member("batchSize")
    size = trees.evaluate_node(written, names) if written else 1
    if isinstance(size, DeployedValue):
        return None
    if isinstance(size, str) and size.isascii() and size.isdigit() and len(size) < 6:
        size = int(size)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise problems.of_template("'batchSize' must be 1 or more.", written or copy, fix="Write 1 or more.")
    return size if word == "serial" else None


def _raise_if_too_big(error: InputError) -> None:
    if error.code == problems.TOO_BIG:
        raise error
