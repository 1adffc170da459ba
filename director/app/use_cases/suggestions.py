"""What is known of an answer before it is asked: by this machine, by the template's bundle, by the cloud.

Takes a question and the answers before it, gives the question with choices and a default.
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.errors import ExplainedError
from cpi.contract.json_value import JsonValue
from cpi.contract.setup import AnswerChoice, SetupCall
from cpi.contract.value_classes import dataclass
from director.app.sessions.init_home import InitHome
from director.app.use_cases import vm_sizes_priced
from director.errors import InputError
from director.model.questions import SetupQuestion, Suggestions
from director.text.forms.environment_resources import DescribedEnvironment

ENVIRONMENT_NAME, CALLER_ADDRESS, SIZE, SSH_KEY = "environment-name", "caller-address", "size", "ssh-key"
_BEST_KEY = "id_ed25519.pub"
_MOST_KEYS = 20
_SOMEWHERE = "192.0.2.1"
"""An address that no machine has: the route to it is the route to the internet."""

Describe = Callable[[Mapping[str, JsonValue]], DescribedEnvironment | None]
"""The environment that the template describes with these answers; what is not known is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggester:
    """`name` is the environment's if it was named; `is_forced` allows one whose files are there."""

    home: InitHome
    describe: Describe
    name: str
    is_forced: bool

    def complete(self, question: SetupQuestion, answers: Mapping[str, JsonValue]) -> SetupQuestion:
        """The question with what is known of its answers. A cloud that does not answer is a note, not an error."""
        if not question.source:
            return question
        try:
            found = self._find(question, answers)
        except InputError:
            raise
        except ExplainedError as error:
            return replace(question, note=f"{question.note} Not asked: {error.what}".strip())
        return question if found is None else _completed(question, found)

    def check(self, question: SetupQuestion, value: JsonValue) -> Sequence[str]:
        """What is wrong with an answer beyond its rules."""
        return tuple(self._taken(str(value))) if question.source == ENVIRONMENT_NAME else ()

    def _find(self, question: SetupQuestion, answers: Mapping[str, JsonValue]) -> Suggestions | None:
        if question.source == CALLER_ADDRESS:
            return _caller_address(self.home)
        if question.source == SSH_KEY:
            return _ssh_keys(self.home)
        described = self.describe(answers)
        plugin = described.cloud if described else ""
        if question.source == ENVIRONMENT_NAME:
            return Suggestions(default=self.name or self._free_name(plugin or "local"))
        if question.source == SIZE and described is not None:
            return vm_sizes_priced.suggest_sizes(self.home, question, lambda size: self._with(question, answers, size))
        if described is None:
            return None
        call = SetupCall(
            environment=described.name or "init",
            properties=described.properties,
            user_home=self.home.user_home,
            hints=answers,
        )
        return self.home.suggest(plugin, question.source, call)

    def _with(
        self, question: SetupQuestion, answers: Mapping[str, JsonValue], value: JsonValue
    ) -> DescribedEnvironment | None:
        return self.describe({**answers, question.name: value})

    def _taken(self, name: str) -> Iterator[str]:
        path = self.home.path("environments", f"{name}.yml")
        if self.is_forced:
            return
        if self.home.files.is_there(path):
            yield f"{path} exists; choose another name, or add --force to replace it."
        elif name in self.home.environments and name != "local":
            yield f"The state has an environment '{name}' that was not removed; choose another name."

    def _free_name(self, base: str) -> str:
        """The base, or the base with the first number that makes it free."""
        names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
        return next((name for name in names if not any(self._taken(name))), "")


def _ssh_keys(home: InitHome) -> Suggestions:
    """The public keys in the user's ~/.ssh; no private key is read."""
    folder = f"{home.user_home}/.ssh"
    names = [name for name in home.files.list_folder(folder) if name.endswith(".pub")][:_MOST_KEYS]
    texts = {name: home.files.read_source(f"{folder}/{name}").content.decode(errors="replace") for name in names}
    keys = {name: text.strip() for name, text in texts.items() if len(text.strip().splitlines()) == 1}
    if not keys:
        return Suggestions(note="~/.ssh has no public key; `ssh-keygen` makes one.")
    found = tuple(AnswerChoice(value=key, label=f"~/.ssh/{name}") for name, key in keys.items())
    none = AnswerChoice(value="", label="the environment's own key alone")
    return Suggestions(choices=(*found, none), default=keys.get(_BEST_KEY, found[0].value))


def _caller_address(home: InitHome) -> Suggestions:
    """The address from which this machine reaches the internet, if it is one of the internet."""
    own = home.routes.source_address(_SOMEWHERE)
    if own and ipaddress.ip_address(own).is_global and "." in own:
        return Suggestions(default=f"{own}/32", note=f"The default is the address of this machine, {own}.")
    reason = f"it has {own} in its own network, and others see another one" if own else "it has no route"
    return Suggestions(note=f"The public address of this machine is not known: {reason}.")


def _completed(question: SetupQuestion, found: Suggestions) -> SetupQuestion:
    default = question.default if found.default is None else found.default
    choices = found.choices or question.choices
    is_open = question.is_open or bool(found.choices and not found.is_closed)
    if choices and not is_open and default not in [choice.value for choice in choices]:
        default = None
    note = " ".join(text for text in (question.note, found.note) if text)
    return replace(question, default=default, choices=choices, is_open=is_open, note=note)
