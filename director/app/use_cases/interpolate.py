"""The use case `interpolate`: a manifest, ops files and variables to the text that `bosh interpolate` prints.

Takes a request in which every file was already read, gives what to print and what the variables store became.
Imports nothing slow: no pydantic, no database, no SSH, no terminal.
"""

from dataclasses import field
from typing import cast

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import InputError, Problems, raise_all
from director.model.documents import Document, Remark, Source
from director.model.secret_ref import Property
from director.model.written.ops_file import Operation
from director.text.ops import misses, operations, patch, paths, seek
from director.text.variables import definitions, interpolate, lookup, variables
from director.text.yaml import reader, writer


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpolateRequest:
    """A request to interpolate. `vars_store` is the store's file (empty if it does not exist yet), None without the
    flag.

    `path` is None to print all. `mint` makes values for the store; without it nothing is made.
    """

    manifest: Source
    ops_files: tuple[Source, ...] = ()
    sources: variables.VariableSources = field(default_factory=variables.VariableSources)
    vars_store: Source | None = None
    path: str | None = None
    is_missing_an_error: bool = False
    is_unused_an_error: bool = False
    mint: lookup.Mint | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolated:
    """`output` is what to print, all of it. `vars_store` is the store's new text, None if it stays as it is.

    `remarks` are about parts of the files that are not read.
    """

    output: str = field(repr=False)
    vars_store: str | None = field(default=None, repr=False)
    remarks: tuple[Remark, ...] = ()


def run_interpolate(request: InterpolateRequest) -> Interpolated:
    """Do what `bosh interpolate` does; errors carry its words as `what`, and our why, fix and where."""
    tokens = _read_path(request.path)
    changes, remarks = _read_ops_files(request.ops_files)
    written = reader.read_document(request.manifest)
    document = patch.apply_operations(written, changes)
    known = _lookup(request, document)
    for definition in definitions.find_definitions(document):
        if definition.type:
            known.value_of(definition.name)
    filled = interpolate.interpolate_document(document, known)
    raise_all(_ops_problems(request, known, filled))
    whole = definitions.without_definitions(filled, known.found)
    return Interpolated(
        output=_printed(whole, tokens),
        vars_store=_store_text(request, known),
        remarks=(*written.remarks, *remarks, *variables.read_remarks(request.sources)),
    )


def _read_ops_files(files: tuple[Source, ...]) -> tuple[list[Operation], list[Remark]]:
    """Read all ops files; report an error in one as the reference tool does for its flag."""
    found: list[Operation] = []
    remarks: list[Remark] = []
    problems: list[InputError] = []
    for file in files:
        try:
            document = reader.read_document(file)
            remarks.extend(document.remarks)
            found.extend(operations.read_operations(document))
        except Problems as several:
            problems.extend(_as_flag_error(problem) for problem in several.problems)
        except InputError as error:
            problems.append(_as_flag_error(error))
    raise_all(problems)
    return found, remarks


def _as_flag_error(error: ExplainedError) -> InputError:
    what = f"invalid argument for flag `-o, --ops-file' (expected []opts.OpsFileArg): {error.what}"
    return InputError(error.code, what, why=error.why, fix=error.fix, where=error.where)


def _read_path(path: str | None) -> paths.Tokens | None:
    if path is None:
        return None
    try:
        return paths.read_path(path)
    except paths.PathTextError as error:
        raise InputError(
            "bad-path",
            f"invalid argument for flag `--path' (expected patch.Pointer): {error}",
            why=f"The path given is '{path}'.",
            fix="Write it as in an ops file: /instance_groups/name=web/instances.",
        ) from error


def _lookup(request: InterpolateRequest, document: Document) -> lookup.Lookup:
    store = request.vars_store
    return lookup.Lookup(
        variables.read_values(request.sources),
        definitions.find_definitions(document),
        store=variables.read_vars_file(store) if store else None,
        mint=request.mint if store else None,
    )


def _ops_problems(request: InterpolateRequest, known: lookup.Lookup, document: Document) -> list[InputError]:
    found: list[InputError] = []
    if request.is_missing_an_error and known.missing:
        found.append(
            InputError(
                "unresolved-variable",
                _listed("Expected to find variables", sorted(known.missing)),
                why="--var-errs requires every variable to have a value.",
                fix="Give each with -v, -l, --var-file or --vars-env, or omit --var-errs.",
                where=interpolate.first_place(document, known.missing),
            )
        )
    unused = known.unused() if request.is_unused_an_error else []
    if unused:
        found.append(
            InputError(
                "unused-variable",
                _listed("Expected to use variables", unused),
                why="--var-errs-unused requires every given variable to be used.",
                fix="Correct the names, or remove those variables.",
            )
        )
    return found


def _listed(title: str, names: list[str]) -> str:
    return f"- {title}:\n" + "\n".join(f"    - {name}" for name in names)


def _printed(document: Document, tokens: paths.Tokens | None) -> str:
    if tokens is None:
        return writer.write_yaml(document.tree)
    try:
        found = seek.find_value(document.tree, tokens)
    except misses.PathMiss as miss:
        raise InputError(miss.kind.value, miss.what, why=miss.why, fix=miss.fix) from miss
    return f"{found}\n" if isinstance(found, str) else writer.write_yaml(cast(Property, found))


def _store_text(request: InterpolateRequest, known: lookup.Lookup) -> str | None:
    if not known.made or not request.vars_store:
        return None
    return writer.write_yaml({**variables.read_vars_file(request.vars_store), **known.made})
