"""The places where environments were ever created: written down before the first resource, kept after `down`.

Takes and gives UsedPlaces; each is a stored config of the type `place`, so that it is sealed and can be deleted.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.app.sessions import environment_files, fingerprints
from director.app.sessions.session import Session
from director.model.configs import ConfigType, StoredConfig
from director.model.documents import Source
from director.model.environments.environment import CloudChoice, Environment, Fingerprint
from director.model.ids import EnvironmentName
from director.model.leftovers import UsedPlace
from director.model.secret_ref import Property
from director.ports.configs import Configs
from director.text import manifest_differences
from director.text.yaml import reader, writer


def save_places(session: Session, places: Sequence[UsedPlace], *, who: str) -> None:
    """Record each place once, with the settings of its newest `up`."""
    for place in places:
        _save(session.world.configs, place, who=who, at=session.world.clock.now())


def present_places(session: Session) -> tuple[UsedPlace, ...]:
    """Where the environment's file leads now; a cloud that does not say where it is has no place."""
    choices = {choice.name: choice for choice in environment_files.cloud_choices(session.file)}
    return tuple(
        UsedPlace(
            environment=session.settings.environment,
            cloud=place.name,
            plugin=choices[place.name].plugin,
            title=place.title,
            facts=place.identity,
            properties=_without_secrets(choices[place.name].properties),
        )
        for place in fingerprints.places_of(session)
        if place.identity and place.name in choices
    )


def saved_places(environment: Environment) -> tuple[UsedPlace, ...]:
    """Where an environment was created, as it is saved."""
    choices = {choice.name: choice for choice in environment.clouds}
    return tuple(
        UsedPlace(
            environment=environment.name,
            cloud=made.cloud,
            plugin=made.plugin,
            title=", ".join(f"{name} {value}" for name, value in made.facts.items() if value),
            facts=made.facts,
            properties=_without_secrets(choices[made.cloud].properties) if made.cloud in choices else {},
        )
        for made in environment.fingerprints
        if made.facts
    )


def list_places(configs: Configs, environment: EnvironmentName) -> tuple[UsedPlace, ...]:
    """Where the environment was created, the oldest first."""
    stored = {one.name: one for one in configs.list_configs(environment) if one.type is ConfigType.PLACE}
    return tuple(_read(config) for config in stored.values())


def is_same_place(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether both are the same cloud of the file in the same place."""
    return one.cloud == other.cloud and not fingerprints.differences(one, other)


def choice_at(place: UsedPlace, present: Iterable[CloudChoice]) -> CloudChoice:
    """The place's settings, with the secrets that the environment's file has now for a cloud of that plugin."""
    now = next((each for each in present if (each.name, each.plugin) == (place.cloud, place.plugin)), None)
    secrets = {
        key: value for key, value in (now.properties if now else {}).items() if manifest_differences.is_secret_key(key)
    }
    return CloudChoice(name=place.cloud, plugin=place.plugin, properties={**secrets, **place.properties})


def _save(configs: Configs, place: UsedPlace, *, who: str, at: float) -> None:
    stored = [one for one in configs.list_configs(place.environment) if one.name == _name(place)]
    config = StoredConfig(
        environment=place.environment,
        type=ConfigType.PLACE,
        name=_name(place),
        content=_text(place),
        who=who,
        at=at,
    )
    if stored and stored[-1].content == config.content:
        return
    if configs.save_config(config, replaces=stored[-1].number if stored else 0) is not None:
        configs.delete_configs(stored)


def _name(place: UsedPlace) -> str:
    about = json.dumps([place.cloud, place.plugin, *sorted(place.facts.items())])
    return f"{place.cloud}-{hashlib.sha256(about.encode()).hexdigest()[:12]}"


def _text(place: UsedPlace) -> str:
    tree: dict[str, Property] = {
        "cloud": place.cloud,
        "plugin": place.plugin,
        "title": place.title,
        "facts": dict(place.facts),
        "properties": place.properties,
    }
    return writer.write_yaml(tree)


def _read(config: StoredConfig) -> UsedPlace:
    tree = reader.read_document(Source(name=config.title, content=config.content.encode())).tree
    found = tree if isinstance(tree, Mapping) else {}
    facts, properties = found.get("facts"), found.get("properties")
    return UsedPlace(
        environment=config.environment,
        cloud=str(found.get("cloud", "")),
        plugin=str(found.get("plugin", "")),
        title=str(found.get("title", "")),
        facts={key: str(value) for key, value in facts.items()} if isinstance(facts, Mapping) else {},
        properties=properties if isinstance(properties, Mapping) else {},  # type: ignore[arg-type]
    )


def _without_secrets(properties: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return {
        key: _without_secrets(value) if isinstance(value, Mapping) else value
        for key, value in properties.items()
        if not manifest_differences.is_secret_key(key)
    }
