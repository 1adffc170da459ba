"""The environment that a template describes: its resource `Compleat/environments` as an environment file.

Takes an expanded template, gives the file's content and that of its cloud config.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import cast

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document
from director.text.arm.template import expansion, nested_scopes
from director.text.arm.template.expansion import ExpandedResource, Expansion
from director.text.arm.template.nodes import root_of
from director.text.arm.values import DeployedValue, SecureInteger, SecureText, Value, find_key

TYPE = "Compleat/environments"
BUNDLES = "Compleat/bundles"
CLOUD_CONFIG = "cloud_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedEnvironment:
    """`file` has the keys of an environment file without `cloud_config`, whose content is separate.

    `where` is the resource's place. Values that are not known yet are left out.
    """

    name: str
    file: Mapping[str, JsonValue] = field(repr=False)
    cloud_config: Mapping[str, JsonValue] = field(repr=False)
    bundle: str = ""
    where: str = ""

    @property
    def cloud(self) -> str:
        """The plugin."""
        return str(self.file.get("cloud") or "")

    @property
    def properties(self) -> Mapping[str, JsonValue]:
        """The plugin's settings."""
        found = self.file.get("properties")
        return found if isinstance(found, Mapping) else {}


def may_describe_environment(document: Document) -> bool:
    """Whether a template has a resource that is an environment, or another template that may have one."""
    kinds = (str(leaf.value).lower() for leaf in root_of(document).leaves() if leaf.path and leaf.path[-1] == "type")
    return any(kind in {TYPE.lower(), nested_scopes.DEPLOYMENTS} or kind.startswith("[") for kind in kinds)


def find_environment(found: Expansion) -> DescribedEnvironment | None:
    """The template's environment with what is known of it; None without one."""
    resources = list(expansion.each_resource(found.root))
    named = [each for each in resources if each.instance.type.lower() == TYPE.lower()]
    if not named:
        return None
    body = _known(_properties(named[0]))
    members = body if isinstance(body, dict) else {}
    bundles = [_properties(each).get("bundle") for each in resources if each.instance.type.lower() == BUNDLES.lower()]
    config = members.get(CLOUD_CONFIG)
    name = named[0].instance.name
    return DescribedEnvironment(
        name=name if isinstance(name, str) else "",
        file={key: value for key, value in members.items() if key != CLOUD_CONFIG},
        cloud_config=config if isinstance(config, dict) else {},
        bundle=str(bundles[0]) if bundles else "",
        where=named[0].instance.node.where,
    )


def require_environment(found: Expansion, *, template: str) -> DescribedEnvironment:
    """The template's only environment, which is known whole. Raises InputError."""
    named = [each for each in expansion.each_resource(found.root) if each.instance.type.lower() == TYPE.lower()]
    described = find_environment(found)
    if described is None or len(named) > 1:
        raise InputError(
            "template-without-environment",
            f"The template {template} describes {len(named)} environments.",
            why=f"`compleat init` writes the file of one resource of the type {TYPE}.",
            fix="Give a template with one, such as templates/quickstart.yml.",
            where=template,
        )
    secret = _secret_place(_properties(named[0]), "properties")
    if secret:
        raise InputError(
            "template-secret-in-file",
            f"{secret} of the environment has the value of a secure parameter.",
            why="It would be readable in the environment's file; secrets stay in the vault.",
            fix="Use the parameter in `variables` of a bundle or a deployment.",
            where=described.where,
        )
    return described


def _properties(resource: ExpandedResource) -> dict[str, Value]:
    key = find_key(dict(resource.body), "properties")
    found = resource.body[key] if key else None
    return found if isinstance(found, dict) else {}


def _known(value: Value) -> JsonValue:
    """The value as JSON; members that only a deployment knows are left out."""
    match value:
        case dict():
            return {str(key): _known(each) for key, each in value.items() if not isinstance(each, DeployedValue)}
        case list():
            return [_known(each) for each in value if not isinstance(each, DeployedValue)]
        case str():
            return str(value)
        case _:
            return cast(JsonValue, value)


def _secret_place(value: Value, path: str) -> str:
    match value:
        case SecureText() | SecureInteger():
            return path
        case dict():
            children = [(f"{path}.{key}", each) for key, each in value.items()]
        case list():
            children = [(f"{path}[{index}]", each) for index, each in enumerate(value)]
        case _:
            return ""
    return next((found for name, each in children if (found := _secret_place(each, name))), "")
