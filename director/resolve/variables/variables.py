"""Variables to generate, under their whole names, each after the one that it is made from.

Takes the manifest's definitions, gives VariableSpec values, and properties whose secrets have whole names.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import assert_never

from director.model import variable_options
from director.model.environments.desired import UpdateMode, VariableSpec
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.spans import Path
from director.model.written.manifest import VariableDefinition
from director.resolve import plain
from director.resolve.findings import Findings
from director.resolve.order import in_order
from director.resolve.request import ResolveRequest
from director.resolve.variables import variable_checks

_NAME = re.compile(r"/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def resolve_variables(request: ResolveRequest, found: Findings) -> tuple[VariableSpec, ...]:
    """All of the manifest's that are generated, in an order in which each CA comes before what it signs.

    Reports: variable-without-value, bad-variable-name, unknown-variable-type, unknown-ca, variable-cycle,
    bad-variable-option, unknown-previous.
    """
    written = request.manifest.document.variables
    specs = [
        _spec(request, index, found=found)
        for index, each in enumerate(written)
        if each.type not in variable_options.GIVEN_TYPES
    ]
    _check_given(request, found)
    by_name = {spec.name: spec for spec in specs}
    for spec in specs:
        _check_ca(request, spec, known=by_name, found=found)
        _check_previous(request, spec, known=by_name, found=found)
    needs = {name: [one] if (one := spec.made_from) in by_name else [] for name, spec in by_name.items()}
    ordered, cycle = in_order(needs)
    if cycle:
        found.report(
            "variable-cycle",
            f"Certificates have a signing cycle: {' -> '.join(_short(request, cycle))}.",
            why="Each one needs the next as its CA.",
            fix="Make one of them a root CA, without `ca`.",
            where=by_name[cycle[0]].where,
        )
    return tuple(by_name[name] for name in ordered)


def _check_given(request: ResolveRequest, found: Findings) -> None:
    """Definitions of types that nothing generates; one whose value was given on the command line is gone by now."""
    for index, written in enumerate(request.manifest.document.variables):
        is_given = written.type in variable_options.GIVEN_TYPES
        if is_given and whole_name(request, written.name) not in request.known_secrets:
            found.report(
                "variable-without-value",
                f"Variable '{written.name}' of type {written.type} has no value.",
                why=f"A value of type {written.type} is given, never generated.",
                fix=f"Give it with `-v {written.name}=...` or in a vars file.",
                where=request.manifest.where("variables", index),
            )


def whole_name(request: ResolveRequest, name: str) -> str:
    """The name the vault knows: absolute ones stay, others get environment and deployment."""
    return name if name.startswith("/") else f"{request.secret_prefix}{name}"


def whole_secrets(request: ResolveRequest, value: Property) -> Property:
    """The value with every secret under its whole name."""
    match value:
        case SecretRef():
            return SecretRef(name=whole_name(request, value.name), path=value.path)
        case SecretText():
            return SecretText(
                parts=tuple(
                    part if isinstance(part, str) else SecretRef(name=whole_name(request, part.name), path=part.path)
                    for part in value.parts
                )
            )
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return {key: whole_secrets(request, member) for key, member in value.items()}
        case Sequence():
            return [whole_secrets(request, member) for member in value]
        case _:
            assert_never(value)


def secrets_in(value: Property, path: Path = ()) -> Iterator[tuple[Path, SecretRef]]:
    """Every secret in the value, and the way to it."""
    match value:
        case SecretRef():
            yield path, value
        case SecretText():
            yield from ((path, part) for part in value.parts if isinstance(part, SecretRef))
        case str() | bool() | int() | float() | None:
            return
        case Mapping():
            for key, member in value.items():
                yield from secrets_in(member, (*path, key))
        case Sequence():
            for index, member in enumerate(value):
                yield from secrets_in(member, (*path, index))
        case _:
            assert_never(value)


def _spec(request: ResolveRequest, index: int, *, found: Findings) -> VariableSpec:
    written = request.manifest.document.variables[index]
    where = request.manifest.where("variables", index)
    _check_definition(written, where, found)
    problems_before = len(found.problems)
    read = plain.plain_map(written.options, request.manifest.where("variables", index, "options"), found)
    options = {name: value for name, value in read.items() if value is not None}
    ca = options.get("ca")
    if written.type == "certificate" and isinstance(ca, str):
        options = {**options, "ca": _ca_name(request, ca)}
    current = options.get(variable_options.PREVIOUS_OF)
    if written.type in ("password", "user") and isinstance(current, str):
        options = {**options, variable_options.PREVIOUS_OF: whole_name(request, current)}
    converges = request.manifest.document.features.converge_variables is True
    default = UpdateMode.CONVERGE if converges else UpdateMode.NO_OVERWRITE
    spec = VariableSpec(
        name=whole_name(request, written.name),
        type=written.type,
        options=options,
        where=where,
        update_mode=UpdateMode(written.update_mode) if written.update_mode else default,
        is_kept_on_stemcell=written.update is not None and written.update.strategy == "on-stemcell-change",
    )
    if len(found.problems) == problems_before:  # a secret among the options was refused already
        variable_checks.check_options(request, index, spec, found=found)
    return spec


def _ca_name(request: ResolveRequest, name: str) -> str:
    """The whole name of a CA: a variable, a secret of the environment, or a certificate that was given."""
    whole, given = whole_name(request, name), request.given_name(name)
    is_variable = whole in {whole_name(request, each.name) for each in request.manifest.document.variables}
    is_given = name in request.given_cas or (given in request.known_secrets and whole not in request.known_secrets)
    return given if is_given and not is_variable else whole


def given_cas(request: ResolveRequest) -> Mapping[str, str]:
    """The given CAs that sign variables, by their whole names."""
    options = [each.options.get("ca") for each in request.manifest.document.variables if each.type == "certificate"]
    named = {name for name in options if isinstance(name, str) and name in request.given_cas}
    return {whole: name for name in sorted(named) if (whole := _ca_name(request, name)) == request.given_name(name)}


def _check_definition(written: VariableDefinition, where: str, found: Findings) -> None:
    if not _NAME.fullmatch(written.name):
        found.report(
            "bad-variable-name",
            f"'{written.name}' is not a valid variable name.",
            why="A name has letters, digits, '_' and '-', with '/' between parts.",
            fix="Rename it; a dot names a field of a variable and cannot be part of its name.",
            where=where,
        )
    if not variable_options.is_known_type(written.type):
        found.report_unknown(
            "variable type",
            written.type,
            whose=f"Variable '{written.name}'",
            known=(*variable_options.TYPES, *variable_options.GIVEN_TYPES),
            where=where,
        )


def _ca(spec: VariableSpec) -> str:
    ca = spec.options.get("ca")
    return ca if spec.type == "certificate" and isinstance(ca, str) else ""


def _check_ca(
    request: ResolveRequest, spec: VariableSpec, *, known: Mapping[str, VariableSpec], found: Findings
) -> None:
    ca = _ca(spec)
    if ca in known and known[ca].options.get("is_ca") is not True:
        found.report(
            "unknown-ca",
            f"Certificate '{_short(request, [spec.name])[0]}' names CA '{_short(request, [ca])[0]}', not a CA.",
            why="A CA is a variable of type certificate with `is_ca: true`.",
            fix="Correct `ca`, or make that variable a CA.",
            where=spec.where,
        )
    elif ca and ca not in known and not _is_there(request, ca):
        found.report_unknown(
            "CA",
            *_short(request, [ca]),
            whose=f"Certificate '{_short(request, [spec.name])[0]}'",
            known=_short(request, [name for name, each in known.items() if each.options.get("is_ca")]),
            where=spec.where,
        )


def _check_previous(
    request: ResolveRequest, spec: VariableSpec, *, known: Mapping[str, VariableSpec], found: Findings
) -> None:
    """It is of one that is generated here too, of the same type."""
    current = spec.previous_of
    if not current:
        return
    of = known.get(current)
    if of is None or of.type != spec.type or of.previous_of:
        found.report(
            "unknown-previous",
            f"Variable '{_short(request, [spec.name])[0]}' is `previous_of` '{_short(request, [current])[0]}', "
            f"which is no generated variable of type {spec.type}.",
            why="It has the value that a variable of the same manifest and type had before its rotation.",
            fix="Correct `previous_of`.",
            where=spec.where,
        )


def _is_there(request: ResolveRequest, ca: str) -> bool:
    return ca in request.known_secrets or ca in {request.given_name(name) for name in request.given_cas}


def _short(request: ResolveRequest, names: Iterable[str]) -> list[str]:
    """Names as the manifest has them."""
    return [name.removeprefix(request.secret_prefix) for name in names]
