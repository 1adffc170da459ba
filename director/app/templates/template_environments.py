"""The environment that a template describes, as the environment's file: the template alone is the whole.

Takes a template's request and its resource Compleat/environments, gives the file as it would be read. Nothing is
written: a file that exists must say the same, or be one that `up` wrote of this template.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import PurePath
from typing import TypeVar, cast

from cpi.contract.value_classes import dataclass
from director.app.sessions import environment_files, release_addresses
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings, check_environment
from director.app.templates import expanding
from director.app.templates.template_request import TemplateRequest
from director.errors import InputError, raise_all
from director.model.documents import Document, Source, WrittenDocument
from director.model.secret_ref import Property
from director.model.spans import Path, Span, Spans
from director.model.template_resources import TemplateResource
from director.model.written.cloud_config import CloudConfig
from director.model.written.environment_file import EnvironmentFile
from director.model.written.kinds import Piece
from director.ports.files import Files
from director.resolve.findings import Findings
from director.resolve.templates import property_checks, property_table
from director.resolve.templates.pieces import body_of, path_text
from director.text import validate
from director.text.variables import bind
from director.text.variables.bind import KnownNames
from director.text.yaml import reader, writer

Model = TypeVar("Model", bound=Piece)

_PATHS = ("cloud_config", "cpi_config", "runtime_configs", "release_sources")
_CLOUD_CONFIG = "cloud_config"
_HEAD = """\
# Written by `compleat up` from {template}: change that, not this file.
# SHA-256 of the rest: {digest}
"""
_WRITTEN = re.compile(
    r"# Written by `compleat up` from (.*): change that, not this file\.\n# SHA-256 of the rest: ([0-9a-f]{64})\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """What the resource says: the file, checked, and the content of its cloud config where that is written in it."""

    resource: TemplateResource
    written: WrittenDocument[EnvironmentFile]
    tree: Mapping[str, Property] = field(repr=False)
    config: Property = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ExistingFile:
    """A file that exists; `is_of_template` says that it is as `up` wrote it of this template."""

    source: Source
    is_of_template: bool

    def document(self) -> Document:
        return reader.read_document(self.source)


def find_environment(request: TemplateRequest) -> TemplateResource | None:
    """The template's environment, None without one: such a template is not expanded for this.

    Raises InputError and Problems: what is wrong with the template; template-environment-twice.
    """
    if not _may_describe_one(request.template.content):
        return None
    resources = expanding.resources_of(expanding.expand_template(request))
    found = [one for one in resources if property_table.type_of(one.type) == property_table.ENVIRONMENT]
    raise_all([_twice(one, found[0]) for one in found[1:]])
    return found[0] if found else None


def _may_describe_one(template: bytes) -> bool:
    """Whether the type, which is no expression, is in it or could be: with escapes, or in a linked template."""
    text = template.lower()
    parts = (property_table.ENVIRONMENT.lower().encode(), b"templatelink", rb"\u", rb"\x")
    return any(part in text for part in parts)


def require_named(resource: TemplateResource, environment: str) -> None:
    """Refuse a template of this environment in another one. Raises InputError, code `template-environment-other`."""
    if resource.name != environment:
        raise InputError(
            "template-environment-other",
            f"The template describes the environment '{resource.name}', but it is used in '{environment}'.",
            why="-e or COMPLEAT_ENVIRONMENT names that one, or the name is computed from the resource group's.",
            fix="Leave -e out; write the name itself, or take it from a parameter.",
            where=resource.where(),
        )


def read_environment(
    resource: TemplateResource, request: TemplateRequest, *, settings: Settings, files: Files
) -> ReadFile:
    """The environment's file as the template has it, with what `up` is to write; or the file that says the same.

    Raises InputError and Problems: what is wrong with the resource; template-environment-differs.
    """
    _check_name(resource, settings)
    described = _describe(resource, request.folder, settings)
    template = str(PurePath(request.folder, PurePath(request.template.name).name))
    path, config_path = environment_files.path_of(settings), _config_path(settings)
    own, own_config = (_kept(files, each, template) for each in (path, config_path))
    if own is not None and not own.is_of_template:
        raise_all(list(_differences(described, own, files)))
        return environment_files.read_written(files, settings)
    if described.config is not None and own_config is not None and not own_config.is_of_template:
        raise_all(list(_config_differences(described, own_config)))
    texts = {config_path: described.config} if described.config is not None else {}
    planned = {each: _text(tree, template) for each, tree in {**texts, path: described.tree}.items()}
    return ReadFile(
        file=described.written.document,
        written=described.written,
        folder=str(PurePath(path).parent),
        planned_files={each: text for each, text in planned.items() if not _is_written(files, each, text)},
    )


def _check_name(resource: TemplateResource, settings: Settings) -> None:
    try:
        check_environment(settings)
    except InputError as error:
        raise InputError.of(error, where=resource.where()) from error


def _describe(resource: TemplateResource, folder: str, settings: Settings) -> _Described:
    found = Findings()
    property_checks.check_resource(resource, found)
    properties = body_of(resource).at("properties")
    written = properties.value if isinstance(properties.value, Mapping) else {}
    tree = cast(dict[str, Property], {"name": resource.name, **_with_whole_paths(written, folder)})
    config = tree.get(_CLOUD_CONFIG)
    if not isinstance(config, str | None):
        tree[_CLOUD_CONFIG] = _config_path(settings)
    else:
        config = None
    problems: list[InputError] = []
    file = _checked(Document(tree=tree, spans=_spans(resource, ("properties",))), EnvironmentFile, problems)
    if config is not None:
        _checked(
            Document(tree=config, spans=_spans(resource, ("properties", _CLOUD_CONFIG))),
            CloudConfig,
            problems,
            values=file.document.variables if file is not None else {},
        )
    places = {problem.where for problem in found.problems}
    found.problems.extend(problem for problem in problems if problem.where not in places)
    found.raise_if_any()
    assert file is not None, "a document without problems is valid"
    return _Described(resource=resource, written=file, tree=tree, config=config)


def _checked(
    document: Document, model: type[Model], problems: list[InputError], *, values: Mapping[str, Property] | None = None
) -> WrittenDocument[Model] | None:
    """Validate, and add what is wrong; with `values` for its variables, those without one are left to the deploy."""
    bound = bind.bind_document(document, KnownNames(values=values or {}))
    unresolved = (*bound.problems, *bound.open_properties)
    checked = validate.check_document(bound.document, model)
    places = {problem.where for problem in unresolved}
    problems.extend(() if values is not None else unresolved)
    problems.extend(problem for problem in checked.problems if problem.where not in places)
    return checked.written


def _with_whole_paths(written: Mapping[str, object], folder: str) -> dict[str, object]:
    """The keys with paths that are meant from the template's folder as whole ones: the file is in another folder."""
    return {key: _whole(value, folder) if key in _PATHS else value for key, value in written.items()}


def _whole(value: object, folder: str) -> object:
    if isinstance(value, list | tuple):
        return [_whole(each, folder) for each in value]
    if isinstance(value, str) and not release_addresses.is_address(value):
        return posixpath.normpath(PurePath(folder, value))
    return value


def _spans(resource: TemplateResource, path: Path) -> Spans:
    """The places of what is below a piece of the resource, as a document that it is has them."""
    below = {way[len(path) :]: place for way, place in resource.places.items() if way[: len(path)] == path}
    whole = _span(resource.where(path))
    return Spans(file=whole.file, by_path={(): whole, **{way: _span(place) for way, place in below.items()}})


def _span(place: str) -> Span:
    file, line, column = place.rsplit(":", 2)
    return Span(file=file, line=int(line), column=int(column))


def _config_path(settings: Settings) -> str:
    return f"{settings.home}/cloud-configs/{settings.environment}.yml"


def _text(tree: Property, template: str) -> str:
    rest = writer.write_yaml(tree)
    return _HEAD.format(template=template, digest=_digest(rest)) + rest


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_written(files: Files, path: str, text: str) -> bool:
    return files.is_there(path) and files.read_source(path).content == text.encode()


def _kept(files: Files, path: str, template: str) -> _ExistingFile | None:
    if not files.is_there(path):
        return None
    source = files.read_source(path)
    text = source.content.decode(errors="replace")
    found = _WRITTEN.match(text)
    is_of_template = found is not None and found.groups() == (template, _digest(text[found.end() :]))
    return _ExistingFile(source=source, is_of_template=is_of_template)


def _differences(described: _Described, own: _ExistingFile, files: Files) -> Iterator[InputError]:
    """What the template says, and the file that exists says otherwise or not at all."""
    document = own.document()
    folder = str(PurePath(own.source.name).parent)
    tree = _with_whole_paths(document.tree, folder) if isinstance(document.tree, Mapping) else {}
    for key in described.tree:
        if key == "name":
            continue
        if key == _CLOUD_CONFIG and described.config is not None:
            path = tree.get(key)
            config = _kept(files, path, "") if isinstance(path, str) else None
            if config is not None:
                yield from _config_differences(described, config)
                continue
        for path in _differing(described.tree[key], tree.get(key), (key,)):
            yield _difference(described, path, str(document.spans.at(path)))


def _config_differences(described: _Described, kept: _ExistingFile) -> Iterator[InputError]:
    document = kept.document()
    for path in _differing(described.config, document.tree, ()):
        yield _difference(described, (_CLOUD_CONFIG, *path), str(document.spans.at(path)))


def _differing(wanted: object, written: object, path: Path) -> Iterator[Path]:
    """The ways to what differs, down to where one of the two is no map."""
    if isinstance(wanted, Mapping) and isinstance(written, Mapping):
        for key in dict.fromkeys((*wanted, *written)):
            yield from _differing(wanted.get(key), written.get(key), (*path, key))
    elif isinstance(wanted, list | tuple) and isinstance(written, list | tuple) and len(wanted) == len(written):
        for index, (one, other) in enumerate(zip(wanted, written, strict=True)):
            yield from _differing(one, other, (*path, index))
    elif wanted != written:
        yield path


def _difference(described: _Described, path: Path, where: str) -> InputError:
    piece = path_text(path)
    return InputError(
        "template-environment-differs",
        f"{described.resource.title}: the environment's file has another {piece}.",
        why=f"The file says it at {where}; the template and the file must say the same.",
        fix="Write the same in both, or remove the file: `up` then writes it as the template has it.",
        where=described.resource.where(("properties", *path)),
    )


def _twice(resource: TemplateResource, first: TemplateResource) -> InputError:
    return InputError(
        "template-environment-twice",
        f"{resource.title}: the template has another environment, '{first.name}', at {first.where()}.",
        why="All that a template describes is in one environment.",
        fix="Keep one, and describe the other in a template of its own.",
        where=resource.where(),
    )
