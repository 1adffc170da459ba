"""What commands take beside a template: parameters, the place of the deployment.

Takes flags, gives a request in which the files were read; not a command itself.
"""

import importlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Protocol

import click
from click.core import ParameterSource

from director.app.sessions.environment_files import ReadFile
from director.app.templates.template_request import GivenText, TemplateRequest
from director.app.use_cases import show
from director.app.wiring import vaults
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.cli.options import Shell
from director.errors import InputError, StateError
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.ports.files import Files
from director.text.arm.surroundings import NO_ID, Surroundings

_ASSIGNMENT = re.compile(r"([\w$][\w $-]*)=(@?)(.*)\Z", re.DOTALL)  # public templates have names with spaces
_PLACE = (
    click.option("--resource-group", default="resource-group", help="Name of the resource group."),
    click.option("--location", default="eastus", help="Location of the resource group."),
    click.option("--subscription", default=NO_ID, help="Identifier of the subscription."),
)
parameters = click.option(
    "-p",
    "--parameters",
    "given",
    multiple=True,
    metavar="FILE|NAME=VALUE|NAME=@FILE",
    help="Read a parameter file, or set one parameter.",
)


def place(command: Callable[..., None]) -> Callable[..., None]:
    """Add where on Azure the template would be deployed: its functions read that."""
    for option in reversed(_PLACE):
        command = option(command)
    return command


native = click.option(
    "--native",
    "is_native",
    is_flag=True,
    help="Hand the template to Azure Resource Manager, in the resource group of the environment.",
)


def refuse_place(context: click.Context) -> None:
    """With --native the place is the environment's. Raises UsageError."""
    for name in ("resource_group", "location", "subscription"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} does not go with --native: the environment has a place")


def read_request(
    shell: Shell,
    file: str,
    given: tuple[str, ...],
    *,
    place: Mapping[str, str] | None = None,
    is_planning: bool = False,
) -> TemplateRequest:
    """Read the template and its parameter files; without a place its resource group is called as the environment.

    To plan, linked templates are downloaded: all resources must be known then.
    """
    files = Home(shell.settings).part(open_files)
    matches = [(text, _ASSIGNMENT.match(text)) for text in given]
    whole = whole_path(file)
    where = place or {"resource_group": shell.settings.environment}
    surroundings = Surroundings(
        subscription_id=where.get("subscription", NO_ID),
        resource_group=where["resource_group"],
        location=where.get("location", "eastus"),
        deployment_name=Path(file).stem or "deployment",
        template_link=whole.as_uri(),
    )
    return TemplateRequest(
        template=files.read_source(file),
        parameter_files=tuple(files.read_source(text.removeprefix("@")) for text, match in matches if not match),
        texts=tuple(_text(files, match) for _, match in matches if match),
        surroundings=surroundings,
        read_link=_link_reader(files, whole.parent, is_downloading=is_planning),
        secret_of=lambda name: _secret(shell, name),
        folder=str(whole.parent),
    )


def in_its_environment(shell: Shell, request: TemplateRequest) -> tuple[Shell, TemplateRequest, ReadFile | None]:
    """The same in the environment that the template describes, with that environment's file; None without one.

    Raises InputError and Problems: what is wrong with it; template-environment-other.
    """
    environments = importlib.import_module("director.app.templates.template_environments")
    resource = environments.find_environment(request)
    if resource is None:
        return shell, request, None
    if click.get_current_context().get_parameter_source("environment") is not ParameterSource.DEFAULT:
        environments.require_named(resource, shell.settings.environment)
    settings = replace(shell.settings, environment=EnvironmentName(resource.name))
    opening = importlib.import_module("director.app.wiring.template_environments")
    read: ReadFile = opening.read_described(settings, request, resource)
    surroundings = replace(request.surroundings, resource_group=resource.name)
    return replace(shell, settings=settings), replace(request, surroundings=surroundings), read


def whole_path(file: str) -> Path:
    """The path without links. A link that leads to itself stays, so that reading it says what is wrong."""
    return Path(os.path.realpath(file))


class TemplateLinks(Protocol):
    """What downloads linked templates."""

    def read_template(self, address: str) -> Source: ...


def _link_reader(files: Files, folder: Path, *, is_downloading: bool) -> Callable[[str], Source | None]:
    """What reads the linked templates of a template in that folder: those below it, and perhaps those of https://."""
    links: list[TemplateLinks] = []  # what downloads is loaded only where something is linked by https://

    @cache  # a template is expanded to find its environment, and again in that
    def read(address: str) -> Source | None:
        if not (is_downloading and address.startswith("https://")):
            return read_linked(files, folder, address)
        if not links:
            links.append(importlib.import_module("director.app.wiring.linked_templates").open_links())
        return links[0].read_template(address)

    return read


def read_linked(files: Files, folder: Path, address: str) -> Source | None:
    """A linked template in the folder of the template, or below; others are not read."""
    path = address.removeprefix("file://")
    if not address.startswith("file://") or not _is_file(path):
        return None
    whole = whole_path(path)
    return files.read_source(str(whole)) if whole.is_relative_to(folder) else None


def _is_file(path: str) -> bool:
    """What no file can be called is none: a name that is too long, or has a null character."""
    try:
        return Path(path).is_file()
    except OSError:
        return False


def is_template(source: Source) -> bool:
    """Whether a file is a template, and no manifest: its $schema says so."""
    return _SCHEMA.search(source.content[:_HEAD]) is not None


_SCHEMA = re.compile(rb"\$schema['\"]?\s*:\s*['\"]?[^'\"\s]*deploymenttemplate\.json", re.IGNORECASE)
_HEAD = 65_536


def _text(files: Files, match: re.Match[str]) -> GivenText:
    name, is_file, text = match.groups()
    if not is_file:
        return GivenText(name=name, text=text)
    content = files.read_source(text).content.decode(errors="replace")
    return GivenText(name=name, text=content.removesuffix("\n").removesuffix("\r"), is_argument=False)


def _secret(shell: Shell, name: str) -> str | None:
    """A secret of the environment, None without it."""
    try:
        with vaults.open_secret_history(shell.settings) as history:
            value = show.find_secret(history, None, name)
    except (InputError, StateError):
        return None
    return value if isinstance(value, str) else None
