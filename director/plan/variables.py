"""Secrets that have to be made first.

Takes variables and what the vault has, gives actions. Source: cloudfoundry/bosh config_server.
"""

from collections.abc import Mapping, Sequence

from director.model.desired import VariableSpec
from director.model.ids import ActionId
from director.model.plan import Action
from director.model.work import MakeSecret
from director.plan.author import About, Author

GENERATING = "Generating variables"


def make_secrets(variables: Sequence[VariableSpec], versions: Mapping[str, int], author: Author) -> tuple[Action, ...]:
    """An action for each variable that the vault lacks; a certificate waits for its CA."""
    made: dict[str, ActionId] = {}
    actions: list[Action] = []
    for variable in variables:
        if variable.name in versions:
            continue
        about = About(subject=f"variable {variable.name}", reason="not there yet", stage=GENERATING)
        action = author.act(MakeSecret(variable=variable), about, after=_signer(variable, made))
        made[variable.name] = action.id
        actions.append(action)
    return tuple(actions)


def _signer(variable: VariableSpec, made: Mapping[str, ActionId]) -> tuple[ActionId, ...]:
    ca = variable.options.get("ca")
    return tuple(action for name, action in made.items() if isinstance(ca, str) and ca in {name, name.split("/")[-1]})
