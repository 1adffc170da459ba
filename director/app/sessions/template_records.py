"""What is recorded of a template: its resources as they were last deployed, and what it adds to the cloud config.

Takes and gives stored configs of the type `template`; they are YAML as others are.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.configs import ConfigType, StoredConfig
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.model.secret_ref import Property
from director.model.template_resources import RecordedResource
from director.ports.configs import Configs
from director.text.yaml import reader, writer

_CLOUD_CONFIG = "cloud_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """`name` is that of the deployment of its VMs; `cloud_config` is YAML."""

    name: str
    resources: tuple[RecordedResource, ...] = ()
    public_names: tuple[str, ...] = ()
    cloud_config: str = "{}\n"


def cloud_config_of(config: StoredConfig) -> Source:
    """What a template adds to the cloud config."""
    return Source(name=f"template/{config.name}", content=read_record(config).cloud_config.encode())


def read_record(config: StoredConfig) -> TemplateRecord:
    """The record in a config."""
    tree = reader.read_document(Source(name=config.title, content=config.content.encode())).tree
    found = tree if isinstance(tree, Mapping) else {}
    return TemplateRecord(
        name=config.name,
        resources=tuple(_resource(each) for each in _list(found.get("resources")) if isinstance(each, Mapping)),
        public_names=tuple(map(str, _list(found.get("public_names")))),
        cloud_config=str(found.get(_CLOUD_CONFIG) or "{}\n"),
    )


def config_of(record: TemplateRecord, environment: EnvironmentName, *, who: str, at: float) -> StoredConfig:
    """The config of a record, to be stored."""
    resources: list[Property] = [
        {"id": one.id, "type": one.type, "name": one.name, "body": one.body} for one in record.resources
    ]
    tree: dict[str, Property] = {
        "public_names": list(record.public_names),
        "resources": resources,
        _CLOUD_CONFIG: record.cloud_config,
    }
    return StoredConfig(
        environment=environment,
        type=ConfigType.TEMPLATE,
        name=record.name,
        content=writer.write_yaml(tree),
        who=who,
        at=at,
    )


def records_in(configs: Iterable[StoredConfig]) -> tuple[TemplateRecord, ...]:
    """The newest record of each template."""
    newest = {config.name: config for config in configs if config.type is ConfigType.TEMPLATE}
    return tuple(map(read_record, newest.values()))


def save_record(configs: Configs, config: StoredConfig) -> None:
    """Store it unless it is stored already; a version that another command stored meanwhile is replaced."""
    for _ in range(3):
        stored = _of_template(configs, config.environment, config.name)
        if stored and stored[-1].content == config.content:
            return
        if configs.save_config(config, replaces=stored[-1].number if stored else 0) is not None:
            configs.delete_configs(stored)
            return


def forget_records(configs: Configs, environment: EnvironmentName, name: str | None = None) -> None:
    """Delete the records of one template, or of all."""
    configs.delete_configs(_of_template(configs, environment, name))


def _of_template(configs: Configs, environment: EnvironmentName, name: str | None) -> Sequence[StoredConfig]:
    stored = (one for one in configs.list_configs(environment) if one.type is ConfigType.TEMPLATE)
    return [one for one in stored if name is None or one.name == name]


def _resource(tree: Mapping[str, Property]) -> RecordedResource:
    body = tree.get("body")
    return RecordedResource(
        id=str(tree.get("id", "")),
        type=str(tree.get("type", "")),
        name=str(tree.get("name", "")),
        body=body if isinstance(body, Mapping) else {},
    )


def _list(value: Property) -> Sequence[Property]:
    return value if isinstance(value, list | tuple) else ()
