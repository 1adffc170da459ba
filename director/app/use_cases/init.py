"""The use case `init`: a template's questions answered, and the files of an environment written.

Takes an InitHome and a request, gives the paths that were written. Nothing is created on a cloud.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import PurePath

from cpi.contract.errors import ExplainedError
from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.app.sessions.init_home import InitHome
from director.app.sessions.settings import Settings, check_environment
from director.app.use_cases import interview
from director.app.use_cases.interview import Ask, Interview
from director.app.use_cases.suggestions import ENVIRONMENT_NAME, Suggester
from director.errors import InputError, raise_all
from director.model.documents import Document, Source
from director.model.ids import EnvironmentName
from director.model.questions import AnswerKind, SetupQuestion
from director.model.report import Table
from director.text import front as texts
from director.text.arm import reading
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import expansion
from director.text.arm.template.expansion import ExpandRequest, Expansion
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.values import secured
from director.text.forms import answers as reading_answers
from director.text.forms import environment_resources, writing
from director.text.forms.environment_resources import DescribedEnvironment
from director.text.forms.form_questions import FormQuestions
from director.text.forms.questionnaire import Questionnaire
from director.text.forms.template_questions import TemplateQuestions
from director.text.yaml import writer

_PARAMETERS_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
_LOCAL = "local"  # needs no file
_SECRET_WORDS = ("secret", "password", "token", "private_key", "api_key", "access_key_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """`form` is the template's createUiDefinition.json, None to ask for its parameters themselves.

    `given` are answers as text, `read` the names of those that were read from files; `name` is the environment's, "" to
    ask for it. `read_link` gives the file at the address of a linked template. `is_forced` replaces existing files.
    `seed` is a random text, from which the form's guid() is made.
    """

    template: Source
    template_path: str
    form: Source | None = None
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    read: frozenset[str] = frozenset()
    name: str = ""
    seed: str = ""
    is_forced: bool = False
    ask: Ask | None = None
    read_link: Callable[[str], Source | None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitResult:
    """The environment's name and cloud, and the files by what they are.

    `cloud` is "" where the template describes no environment: then its parameters were written for one that exists.
    """

    environment: EnvironmentName
    cloud: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """A template with the parameters that answers gave; `secrets` are names of secure ones."""

    document: Document
    parameters: Mapping[str, JsonValue] = field(repr=False)
    secrets: frozenset[str]


def questions_of(request: InitRequest) -> tuple[SetupQuestion, ...]:
    """The questions as they are before anything was answered; those that depend on answers may be missing."""
    questionnaire = _questionnaire(request, reading.read_source(request.template))
    found = (questionnaire.question(key, {}) for key in questionnaire.keys)
    return tuple(question for question in found if question is not None)


def questions_table(questions: Sequence[SetupQuestion]) -> Table:
    """The questions as rows."""
    rows = tuple(
        {
            "name": each.name,
            "kind": each.kind.value,
            "default": None if each.kind is AnswerKind.SECRET else each.default,
            "constraints": [*writing.constraint_words(each), *_choice_words(each)],
            "label": each.label,
            "help": each.help,
            "required": each.is_required and each.default is None,
        }
        for each in questions
    )
    columns = ("name", "kind", "default", "constraints", "label")
    return Table(name="questions", columns=columns, rows=rows, empty="The template asks nothing.")


def _choice_words(question: SetupQuestion) -> list[str]:
    names = reading_answers.names_of([choice.value for choice in question.choices])
    return [f"{'such as' if question.is_open else 'one of'} {', '.join(names)}"] if names else []


def initialise(home: InitHome, request: InitRequest) -> InitResult:
    """Ask, check and write. Raises InputError and Problems before anything is written."""
    document = reading.read_source(request.template)
    questionnaire = _questionnaire(request, document)
    if not environment_resources.may_describe_environment(document):
        _require_known(home, request)
    elif request.name:
        _refuse_existing(home, request, _paths_of(home, request.name))
    secrets = _secure_names(document)

    def describe(answers: Mapping[str, JsonValue]) -> DescribedEnvironment | None:
        answered = _Answered(document=document, parameters=questionnaire.parameters(answers), secrets=secrets)
        return environment_resources.find_environment(_expanded(request, answered))

    suggester = Suggester(home=home, describe=describe, name=request.name, is_forced=request.is_forced)
    answers = interview.hold_interview(
        Interview(
            questionnaire=questionnaire,
            given=_given(request, questionnaire),
            read=request.read,
            ask=request.ask,
            complete=suggester.complete,
            check=suggester.check,
        )
    )
    parameters = questionnaire.parameters(answers)
    answered = _Answered(document=document, parameters=parameters, secrets=secrets)
    found = _expanded(request, answered)
    raise_all(found.problems)
    if environment_resources.find_environment(found) is None:
        return _write_parameters(home, request, answered)
    described = environment_resources.require_environment(found, template=request.template_path)
    return _write(home, request, answered, described=described)


def _questionnaire(request: InitRequest, document: Document) -> Questionnaire:
    if request.form is None:
        return TemplateQuestions(document)
    return FormQuestions(reading.read_source(request.form), seed=request.seed)


def _secure_names(document: Document) -> frozenset[str]:
    questions = TemplateQuestions(document)
    kinds = {key: question.kind for key in questions.keys if (question := questions.question(key, {}))}
    return frozenset(key for key, kind in kinds.items() if kind is AnswerKind.SECRET)


def _given(request: InitRequest, questionnaire: Questionnaire) -> Mapping[str, str]:
    """The texts; the name of -e answers the question for it, unless that is answered as well."""
    named = next((key for key in questionnaire.keys if _is_name(questionnaire, key)), "")
    own = {named: request.name} if named and request.name else {}
    return {**own, **request.given}


def _is_name(questionnaire: Questionnaire, key: str) -> bool:
    question = questionnaire.question(key, {})
    return question is not None and question.source == ENVIRONMENT_NAME


def _expanded(request: InitRequest, answered: _Answered) -> Expansion:
    given = (
        GivenParameter(name=name, value=secured(value) if name in answered.secrets else value)  # type: ignore[arg-type]
        for name, value in answered.parameters.items()
    )
    return expansion.expand(
        ExpandRequest(
            document=answered.document,
            surroundings=Surroundings(deployment_name="init", template_link=PurePath(request.template_path).as_uri()),
            parameters=tuple(given),
            links=lambda address: _linked(request, address),
        )
    )


def _linked(request: InitRequest, address: str) -> Document | None:
    source = request.read_link(address)
    return reading.read_source(source) if source else None


def _write(home: InitHome, request: InitRequest, answered: _Answered, *, described: DescribedEnvironment) -> InitResult:
    name = EnvironmentName(described.name)
    check_environment(Settings(home=home.settings.home, environment=name))
    paths = _paths_of(home, name)
    _refuse_existing(home, request, paths)
    contents = {
        "environment": _environment_text(request, described, name),
        "cloud_config": writer.write_yaml(dict(described.cloud_config)),
        "parameters": _parameters_text(answered),
    }
    _check(paths, contents, described)
    _put_secrets(home, answered, name)
    for kind, path in paths.items():
        home.files.write_private(path, contents[kind])
    return InitResult(environment=name, cloud=described.cloud, files=paths)


def _write_parameters(home: InitHome, request: InitRequest, answered: _Answered) -> InitResult:
    """The parameters alone, of a template for an environment that exists."""
    name = _require_known(home, request)
    stem = PurePath(request.template_path).stem
    paths = {"parameters": home.path("parameters", f"{name}-{stem}.json")}
    _refuse_existing(home, request, paths)
    _put_secrets(home, answered, name)
    home.files.write_private(paths["parameters"], _parameters_text(answered))
    return InitResult(environment=name, cloud="", files=paths)


def _require_known(home: InitHome, request: InitRequest) -> EnvironmentName:
    """The environment that is named, or else the default one. Raises InputError where it does not exist."""
    name = home.settings.environment
    check_environment(home.settings)
    file = home.path("environments", f"{name}.yml")
    if not (name in home.environments | {_LOCAL} or home.files.is_there(file)):
        raise InputError(
            "template-environment-missing",
            f"The template {request.template_path} describes no environment, and '{name}' does not exist.",
            why="The answers of such a template are parameters for an environment that exists.",
            fix=f"Write it first: compleat init -e {name} --cloud CLOUD.",
            where=request.template_path,
        )
    return name


def _put_secrets(home: InitHome, answered: _Answered, name: EnvironmentName) -> None:
    for secret in sorted(answered.secrets & answered.parameters.keys()):
        home.put_secret(f"/{name}/{secret}", str(answered.parameters[secret]))


def _paths_of(home: InitHome, name: str) -> Mapping[str, str]:
    return {
        "environment": home.path("environments", f"{name}.yml"),
        "cloud_config": home.path("cloud-configs", f"{name}.yml"),
        "parameters": home.path("parameters", f"{name}.json"),
    }


def _refuse_existing(home: InitHome, request: InitRequest, paths: Mapping[str, str]) -> None:
    there = [path for path in paths.values() if home.files.is_there(path)]
    if there and not request.is_forced:
        raise InputError(
            "environment-file-exists",
            f"{' and '.join(there)} would be replaced.",
            why="`init` writes the file of an environment, its cloud config and its parameters, and keeps what exists.",
            fix="Choose another name with -e, or add --force to replace what exists.",
        )


def _environment_text(request: InitRequest, described: DescribedEnvironment, name: str) -> str:
    about = f"# Written by `compleat init` from {request.template_path}; ../parameters/{name}.json has the answers.\n"
    file = {"name": name, **described.file, environment_resources.CLOUD_CONFIG: f"../cloud-configs/{name}.yml"}
    return about + writer.write_yaml(file)


def _parameters_text(answered: _Answered) -> str:
    entries: dict[str, JsonValue] = {
        name: {"reference": {"secretName": name}} if name in answered.secrets else {"value": value}
        for name, value in answered.parameters.items()
    }
    content = {"$schema": _PARAMETERS_SCHEMA, "contentVersion": "1.0.0.0", "parameters": entries}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _check(paths: Mapping[str, str], contents: Mapping[str, str], described: DescribedEnvironment) -> None:
    """Read the files that the answers give, as `up` will. Raises Problems with all that is wrong in them."""
    problems: list[ExplainedError] = list(_secret_settings(described))
    for kind, read in (("environment", texts.read_environment_file), ("cloud_config", texts.read_cloud_config)):
        source = Source(name=paths[kind], content=contents[kind].encode())
        try:
            read(texts.Reading(source=source))
        except ExplainedError as error:
            problems.append(error)
    raise_all(problems)


def _secret_settings(described: DescribedEnvironment) -> Iterator[InputError]:
    """Settings of the plugin that name a secret: anyone who reads the file would see it."""
    for path in _paths(described.properties, ()):
        if any(word in path[-1].lower() for word in _SECRET_WORDS):
            yield InputError(
                "answer-secret",
                f"The setting '{'.'.join(path)}' would be written into the environment's file.",
                why="`init` writes no secrets into files.",
                fix="Leave it out, and sign in by a profile, a file or variables.",
                where=described.where,
            )


def _paths(value: JsonValue, before: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    if not isinstance(value, Mapping):
        return [before] if before else []
    return [path for key, each in value.items() for path in _paths(each, (*before, str(key)))]
