"""The secrets to rotate, by the names of the command or by when they expire.

Takes the variables of deployments, gives whole names.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model.ca_transition import CaPhase, CertificateFacts
from director.model.environments.desired import Desired, VariableSpec
from director.plan.deciding import secret_rotation
from director.text import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationChoice:
    """What to rotate: `names`, or all, or all that ends within `expiring_s`. None of the last two where names are."""

    names: tuple[str, ...] = ()
    is_all: bool = False
    expiring_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationScope:
    """`variables` are those that may be chosen, `stored` all whole names of the vault, `facts` of certificates."""

    variables: Mapping[str, VariableSpec]
    everywhere: Mapping[str, VariableSpec]
    stored: Sequence[str]
    facts: Mapping[str, CertificateFacts]


def chosen_names(choice: RotationChoice, scope: RotationScope, *, now: float) -> frozenset[str]:
    """The whole names. CAs that are part of a chain are chosen only by name, and refused then.

    A CA of which a rotation was begun belongs to every choice but one by names.
    Raises InputError: unknown-variable, secret-ambiguous, secret-not-generated, rotation-of-chain; all of them.
    """
    if choice.names:
        found = _named(choice.names, scope)
        secret_rotation.require_no_intermediates(scope.everywhere, found)
        return found
    made = [name for name, each in scope.variables.items() if name in scope.stored and not each.previous_of]
    kept = secret_rotation.intermediates(scope.everywhere, made)
    return frozenset(name for name in made if name not in kept and _is_meant(name, choice, scope, now=now))


def left_out(choice: RotationChoice, scope: RotationScope, *, now: float) -> tuple[str, ...]:
    """CAs that would be chosen but for their chain, sorted."""
    if choice.names:
        return ()
    kept = secret_rotation.intermediates(scope.everywhere, scope.variables)
    return tuple(name for name in kept if name in scope.stored and _is_meant(name, choice, scope, now=now))


def _is_meant(name: str, choice: RotationChoice, scope: RotationScope, *, now: float) -> bool:
    facts = scope.facts.get(name)
    if choice.is_all:
        return True
    if facts is None:
        return False
    is_begun = facts.phase is not CaPhase.SETTLED and secret_rotation.is_root_ca(scope.variables[name])
    return is_begun or (choice.expiring_s is not None and facts.ends_at <= now + choice.expiring_s)


def _named(names: Iterable[str], scope: RotationScope) -> frozenset[str]:
    found: set[str] = set()
    problems: list[InputError] = []
    for name in dict.fromkeys(names):
        fitting = _fitting(name, scope.variables)
        found.update(scope.variables[each].previous_of or each for each in fitting)
        if not fitting:
            problems.append(_unknown(name, scope))
        elif len(fitting) > 1:
            problems.append(_ambiguous(name, fitting))
    raise_all(problems)
    return frozenset(found)


def _fitting(name: str, known: Iterable[str]) -> list[str]:
    whole = [each for each in known if each == name]
    return whole or sorted(each for each in known if each.endswith(f"/{name}"))


def _ambiguous(name: str, fitting: Sequence[str]) -> InputError:
    return InputError(
        "secret-ambiguous",
        f"{len(fitting)} secrets are named '{name}'.",
        why=f"They are: {', '.join(fitting)}.",
        fix="Give the whole name, or the deployment with -d.",
    )


def _unknown(name: str, scope: RotationScope) -> InputError:
    stored = _fitting(name, scope.stored)
    if stored:
        return InputError(
            "secret-not-generated",
            f"The secret '{stored[0]}' cannot be rotated: no deployed manifest generates it.",
            why="It was given, belongs to the environment, or is a variable of another deployment.",
            fix="Give its new value as the old one was given, and deploy again; `compleat variables` lists secrets.",
        )
    known = [each.rpartition("/")[2] for each in scope.variables]
    near = nearest.nearest_word(name, known)
    return InputError(
        "unknown-variable",
        f"No deployed manifest defines a variable '{name}'.",
        why=f"The variables are: {', '.join(sorted(known)) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else "Name one of them; `compleat variables` lists them.",
    )


def variables_of(wanted: Iterable[Desired]) -> Mapping[str, VariableSpec]:
    """The variables of deployments by their whole names; the first definition of each counts."""
    found: dict[str, VariableSpec] = {}
    for desired in wanted:
        for variable in desired.variables:
            found.setdefault(variable.name, variable)
    return found
