"""Which secrets a rotation changes, and in which order: a CA in three steps, everything else with the first.

A variable that is `previous_of` one that is rotated keeps the former value until the last step.

Takes variables of all deployments and what is known of their certificates, gives changes by whole names.
Source: cloudfoundry/docs-bosh, "Components of TLS" and CA rotation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model import ca_transition
from director.model.ca_transition import CaPhase, CertificateFacts, SecretChange
from director.model.environments.desired import VariableSpec

STEPS = (SecretChange.ADD_CA, SecretChange.SWITCH_CA, SecretChange.DROP_CA)
"""Each is deployed everywhere before the next one. What is no CA changes with the first."""

Changes = Mapping[str, SecretChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRotation:
    """`variables` are those of all deployments, `chosen` those to rotate, `made` those that a former command of the
    same rotation changed already, `kept` those that have the former value of the one they are `previous_of`; all by
    whole names.
    """

    variables: Mapping[str, VariableSpec]
    chosen: frozenset[str]
    made: frozenset[str] = frozenset()
    facts: Mapping[str, CertificateFacts] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()

    def outdated(self) -> Changes:
        """What an interrupted command left to do for certificates whose CA it changed."""
        found = {
            variable.name: ca_transition.outdated_change(self.facts[variable.name], self.facts[ca])
            for ca in self._begun()
            for variable in self.signed_by(ca)
            if variable.name in self.facts
        }
        return {name: change for name, change in found.items() if change}

    def changes_of(self, step: SecretChange) -> Changes:
        """What the step changes."""
        cas = [name for name in sorted(self._cas()) if self._next_change(name) is step]
        plain = self._plain() if step is STEPS[0] else ()
        ended = [name for name in self.previous() if name in self.kept] if step is STEPS[-1] else ()
        signed = {variable.name: ca_transition.SIGNED_CHANGE[step] for name in cas for variable in self.signed_by(name)}
        generated = dict.fromkeys([*plain, *ended], SecretChange.GENERATE)
        return {**generated, **dict.fromkeys(cas, step), **signed}

    def touched(self) -> frozenset[str]:
        """All names whose values may differ after the rotation."""
        return self.replaced() | frozenset(self.previous())

    def replaced(self) -> frozenset[str]:
        """All names that get another value."""
        return self.chosen | {variable.name for name in self._cas() for variable in self.signed_by(name)}

    def previous(self) -> Mapping[str, str]:
        """The variables that keep a former value of those to rotate, with the names of these."""
        pairs = previous_names(self.variables)
        return {name: current for name, current in pairs.items() if current in self.chosen}

    def signed_by(self, ca: str) -> tuple[VariableSpec, ...]:
        """The certificates that a CA signs."""
        return tuple(each for each in self.variables.values() if signer_of(each) == ca)

    def is_begun(self) -> bool:
        """Whether an earlier command left something of it."""
        return bool(self.made or self._begun() or self.kept & self.previous().keys())

    def begun_names(self) -> frozenset[str]:
        """What an earlier command may have changed: the values from before it are retired already."""
        pairs = self.previous()
        kept = self.kept & pairs.keys()
        signed = {variable.name for ca in self._begun() for variable in self.signed_by(ca)}
        return self.made | frozenset(self._begun()) | signed | kept | {pairs[name] for name in kept}

    def _next_change(self, ca: str) -> SecretChange | None:
        phase = self.facts[ca].phase
        return None if phase is CaPhase.SETTLED and ca in self.made else ca_transition.NEXT_CHANGE[phase]

    def _begun(self) -> tuple[str, ...]:
        return tuple(
            name for name in sorted(self._cas()) if self.facts[name].phase is not CaPhase.SETTLED or name in self.made
        )

    def _cas(self) -> frozenset[str]:
        """One that was lost has nothing to keep beside it: it is generated, as what it signs."""
        return frozenset(name for name in self.chosen & self.facts.keys() if is_root_ca(self.variables[name]))

    def _plain(self) -> Iterator[str]:
        """What is no CA, is not signed by one that is rotated too, and is not rotated already."""
        cas, pairs = self._cas(), self.previous()
        done = self.made | {pairs[name] for name in self.kept & pairs.keys()}
        for name in sorted(self.chosen - cas - done):
            if signer_of(self.variables[name]) not in cas:
                yield name


def previous_names(variables: Mapping[str, VariableSpec]) -> Mapping[str, str]:
    """Each variable that is `previous_of` another one, with the name of that one."""
    return {name: each.previous_of for name, each in variables.items() if each.previous_of}


def is_ca(variable: VariableSpec) -> bool:
    """Whether it may sign others."""
    return variable.type == "certificate" and variable.options.get("is_ca") is True


def is_root_ca(variable: VariableSpec) -> bool:
    """Whether no other one signs it."""
    return is_ca(variable) and not signer_of(variable)


def signer_of(variable: VariableSpec) -> str:
    """The whole name of its CA, "" without one."""
    ca = variable.options.get("ca") if variable.type == "certificate" else None
    return ca if isinstance(ca, str) else ""


def intermediates(variables: Mapping[str, VariableSpec], names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are part of a chain of CAs: such a CA is signed by one, or signs one."""
    signers = {signer_of(each) for each in variables.values() if is_ca(each)} - {""}
    chained = {name for name, each in variables.items() if is_ca(each) and (signer_of(each) or name in signers)}
    return tuple(sorted(chained & frozenset(names)))


def require_no_intermediates(variables: Mapping[str, VariableSpec], names: Iterable[str]) -> None:
    """Refuse CAs that are part of a chain. Raises InputError, code `rotation-of-chain`: all of them."""
    raise_all(
        InputError(
            "rotation-of-chain",
            f"The CA '{name}' cannot be rotated step by step: it is part of a chain of CAs.",
            why="Another CA signs it, or it signs another CA; only a CA that signs itself and no other CA is replaced "
            "while both are trusted.",
            fix=f"`compleat deploy MANIFEST --regenerate {name}` replaces it and all that it signs at once: until each "
            "instance is updated, connections between old and new certificates fail.",
            where=variables[name].where,
        )
        for name in intermediates(variables, names)
    )
