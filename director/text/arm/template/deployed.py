"""What a template can know of the resources that it deploys, before it does.

Takes instances and what became of them, gives what reference() and its fellows return: members that the template
itself declares, outputs of its own deployments, values that were handed in. The rest is known after the deployment.
"""

from collections.abc import Callable, Mapping, Sequence

from director.text.arm.expressions import evaluate, syntax
from director.text.arm.expressions.syntax import FunctionCall
from director.text.arm.failures import ExpressionError
from director.text.arm.surroundings import Surroundings
from director.text.arm.template.instances import ResourceInstance
from director.text.arm.template.nodes import suggestion
from director.text.arm.template.resource_index import ResourceIndex
from director.text.arm.values import DeployedObject, DeployedValue, KnownObject, NotDeployedError, Value, type_name

LookUp = Callable[[FunctionCall, Sequence[Value]], Value]
"""The value of one call."""


class DeployedResources:
    """Answers calls; `index` and `outcomes` grow while a template is expanded.

    `around`: what the template around a nested one with outer scope deploys, which that one reads, too.
    """

    def __init__(self, surroundings: Surroundings, *, around: LookUp | None = None) -> None:
        self.index: ResourceIndex | None = None
        self.outcomes: dict[int, Mapping[str, Value]] = {}
        self._surroundings = surroundings
        self._around = around

    def __call__(self, call: FunctionCall, values: Sequence[Value]) -> Value:
        """The value of one call. Raises ExpressionError."""
        name = call.name.lower()
        word = self._word(call, values)
        found = self.index.find(word) if self.index else None
        if found is None and self._around:
            return self._around(call, values)
        if name == "references":
            return [self._answer(each, call, values) for each in found or () if each.is_wanted is not False]
        first = self.index.find_one(word) if self.index else None
        if name == "resourceinfo":
            return _info(first, word, self.index)
        if evaluate.is_list_function(name):
            key = (name, (first.resource_id if first else word).lower())
            return self._surroundings.lists.get(key, DeployedValue(origin=syntax.describe(call)))
        return self._answer(first, call, values) if first else self._outside(word, call, values)

    def _word(self, call: FunctionCall, values: Sequence[Value]) -> str:
        if not values:
            raise ExpressionError(
                f"Unable to evaluate template language function '{call.name}': function requires at least 1 "
                "argument(s) while 0 were provided."
            )
        if isinstance(values[0], DeployedValue):
            raise NotDeployedError(values[0])
        if isinstance(values[0], str):
            return values[0]
        raise ExpressionError(
            f"The template function '{call.name}' expects the name or the identifier of a resource. The provided value "
            f"is of type '{type_name(values[0])}'."
        )

    def _answer(self, instance: ResourceInstance, call: FunctionCall, values: Sequence[Value]) -> Value:
        origin = syntax.describe(call)
        known = self._surroundings.references.get(instance.resource_id.lower())
        body = self.outcomes.get(instance.number)
        if isinstance(known, dict):
            return known if _is_full(values) else known.get("properties", DeployedValue(origin=origin))
        if body is None:
            return DeployedValue(origin=origin)
        properties = body.get("properties")
        inside = DeployedObject(properties if isinstance(properties, dict) else {}, origin=f"{origin}.properties")
        if not _is_full(values):
            inside.origin = origin
            return inside
        whole: dict[str, Value] = {**body, "apiVersion": instance.api_version, "properties": inside}
        tags = body.get("tags")
        if isinstance(tags, dict):
            whole["tags"] = KnownObject(tags)
        return DeployedObject({**whole, "resourceId": instance.resource_id}, origin=origin)

    def _outside(self, word: str, call: FunctionCall, values: Sequence[Value]) -> Value:
        """A resource that the template does not have: an identifier, and the version of its interface."""
        versions = [each for each in values[1:] if not (isinstance(each, str) and each.lower() == "full")]
        if not word.startswith("/") and not (versions and _is_type_and_name(word)):
            words = self.index.words if self.index else ()
            raise ExpressionError(
                f"The resource referenced by '{call.name}' is not defined in the template: '{word}'.",
                hint=suggestion(word, words),
            )
        if not versions:
            raise ExpressionError(
                f"The resource '{word}' is not defined in the template: a reference to it requires an API version.",
                hint="Add the version as the second argument.",
            )
        whole = word if word.startswith("/") else f"{self._surroundings.scope_id}/providers/{word}"
        known = self._surroundings.references.get(whole.lower())
        if isinstance(known, dict):
            return known if _is_full(values) else known.get("properties")
        return DeployedValue(origin=syntax.describe(call))


def _is_type_and_name(word: str) -> bool:
    """Namespace/type/name: a resource of the same group, as templates written before `resourceId` name it."""
    namespace, *rest = word.split("/")
    return "." in namespace and len(rest) > 1 and len(rest) % 2 == 0 and all(rest)


def _is_full(values: Sequence[Value]) -> bool:
    return any(isinstance(each, str) and each.lower() == "full" for each in values[1:])


def _info(instance: ResourceInstance | None, word: str, index: ResourceIndex | None) -> Value:
    if instance is None:
        raise ExpressionError(
            f"The resource '{word}' is not defined in the template.",
            hint=suggestion(word, index.words if index else ()),
        )
    return {
        "id": instance.resource_id,
        "name": instance.name,
        "type": instance.type,
        "apiVersion": instance.api_version,
    }
